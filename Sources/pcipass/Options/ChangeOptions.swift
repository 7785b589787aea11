import ArgumentParser
import Execution

/// How a plan is executed.
struct ChangeOptions: ParsableArguments {
  @Flag(name: [.long, .short], help: "Do not ask for approval.")
  var yes = false

  @Option(help: "The output format: json prints one document at the end, and needs --yes.")
  var format = FormatArgument<TextOrJSON>.text

  @Option(
    name: .customLong("on-failure"),
    help: "What to do if a step fails: undo all steps, or stop and leave the host as it is.")
  var onFailure = Executor.OnFailure.undo

  @OptionGroup var waiting: LockOptions
  @OptionGroup var verbosity: VerbosityOptions

  @Option(
    help: ArgumentHelp(
      """
      The number of runs to keep that left a change on the host, 10 to 10000; the same number of other runs is \
      kept in addition.
      """,
      valueName: "number"))
  var keep = 100

  @OptionGroup var side: JobsOptions

  mutating func validate() throws {
    if !(10...10_000).contains(keep) { throw ValidationError("--keep must be 10 to 10000") }
    try format.check(yes: yes)
  }
}

extension Executor.OnFailure: ExpressibleByArgument {}
