import ArgumentParser
import Documents
import Execution
import HostModel
import Hosts
import Planning
import Reporting

/// How a plan is carried out.
struct ApplyOptions: ParsableArguments {
  @Flag(name: [.long, .short], help: "Do not ask.")
  var yes = false

  @Option(
    name: .customLong("on-failure"),
    help: "When a step fails: undo what was done, or stop and leave it.")
  var onFailure = Executor.OnFailure.undo

  /// Carries the plan out on the host, with everything that is said about it, and reads the host at the end.
  ///
  /// - Parameters:
  ///   - state: what the plan was made from.
  ///   - replan: the plan as it would be now; asked for again when the question was answered,
  ///     because the host may have changed while somebody was thinking.
  func carryOut(
    _ plan: Plan, of state: HostState, on host: any Host, _ options: HostOptions, replan: (HostState) -> Plan
  ) throws {
    var state = state
    let text = PlanText(style: Terminal.output)
    Terminal.write(text.text(plan))
    guard plan.refusals.isEmpty else { throw refuse(plan) }
    if plan.isEmpty { return }
    if !yes {
      guard Terminal.canAsk else {
        throw fail(
          "no-terminal", "there is no terminal to ask on", help: "use --yes to apply without a question")
      }
      guard
        Terminal.confirm(
          "\nCarry out \(plan.steps.count == 1 ? "this step" : "these \(plan.steps.count) steps") on \(plan.host)?"
        )
      else {
        throw fail("cancelled", "nothing was done")
      }
      state = try options.observe(host)
      let now = replan(state)
      guard now.refusals.isEmpty, now.isSame(as: plan) else {
        throw fail(
          [Diagnostic(code: "stale", "the host has changed since the plan was shown; nothing was done")]
            + changes(from: plan, to: now))
      }
    }
    Terminal.write("\n")
    var progress = ApplyText(style: Terminal.output, total: plan.steps.count, isTerminal: Terminal.isOutput)
    let executor = Executor(host: host, onFailure: onFailure) { entry in
      Terminal.write(progress.text(entry))
    }
    let outcome = executor.run(plan.steps)
    // Where all went well, what it went well with is read; otherwise everything.
    let actions = plan.steps.map(\.action)
    let after =
      outcome.end == .success ? try? host.observe(after: actions, since: state) : try? host.observe()
    Terminal.write(progress.text(outcome, plan, after: after))
    guard outcome.end == .success else { throw ExitCode.failure }
    try report(after.map(replan))
  }

  /// Success is said only when a plan made from the host as it is now is empty.
  private func report(_ left: Plan?) throws {
    guard let left else { throw fail("unreadable", "the host could not be read after the last step") }
    if left.isEmpty, left.refusals.isEmpty { return }
    Terminal.write(PlanText(style: Terminal.output).text(left))
    _ = refuse(left)
    throw fail("not-converged", "every step was done, and \(left.host) still is not as declared")
  }

  /// Prints what stands against the plan.
  private func refuse(_ plan: Plan) -> ExitCode {
    let text = PlanText(style: Terminal.error)
    Terminal.writeError(plan.refusals.reduce(into: "") { $0 += text.text($1) })
    return .failure
  }
}

extension Executor.OnFailure: ExpressibleByArgument {}

extension Plan {
  /// Whether both do the same to the same, in the same order.
  func isSame(as other: Plan) -> Bool {
    host == other.host && steps.count == other.steps.count
      && zip(steps, other.steps).allSatisfy { $0.isSame(as: $1) }
  }
}

/// What is different between the host a plan was made on and the host now.
func changes(from plan: Plan, to now: Plan) -> [Diagnostic] {
  let facts = Fact.changes(from: plan.facts, to: now.facts)
  let lines = facts.isEmpty ? now.refusals.map(\.message) : facts
  return lines.map { Diagnostic(.note, code: "changed", $0) }
}
