import ArgumentParser
import Execution

/// How a plan is carried out.
struct ChangeOptions: ParsableArguments {
  @Flag(name: [.long, .short], help: "Do not ask.")
  var yes = false

  @Option(
    name: .customLong("on-failure"),
    help: "When a step fails: undo what was done, or stop and leave it.")
  var onFailure = Executor.OnFailure.undo

  @OptionGroup var waiting: LockOptions
  @OptionGroup var verbosity: VerbosityOptions

  @Option(
    help: ArgumentHelp(
      "How many applies and rollbacks are kept for history and rollback.", valueName: "number"))
  var keep = 100

  @OptionGroup var side: JobsOptions

  mutating func validate() throws {
    if !(10...10_000).contains(keep) { throw ValidationError("--keep is 10 to 10000") }
  }
}

extension Executor.OnFailure: ExpressibleByArgument {}
