import ArgumentParser
import Documents
import HostModel
import Planning

struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Take back a saved plan that was applied.",
    discussion: """
      The inverses of its steps, last first, shown and asked for like any plan. What has changed since is \
      not touched: the rollback is refused and says what is in the way.

        pcipass rollback today.plan
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var apply: ApplyOptions

  @Argument(help: "The plan, as saved by plan --out or apply --out.")
  var plan: String

  mutating func validate() throws { try options.checkChangeable() }

  func run() throws {
    let saved = try SavedPlan.read(plan)
    let host = try options.open(for: saved.request.guests)
    let state = try options.observe(host)
    try options.check(saved, isFor: state)
    let back = Planner.rollback(of: saved, on: state)
    try apply.carryOut(back, of: state, on: host, options) { Planner.rollback(of: saved, on: $0) }
  }
}
