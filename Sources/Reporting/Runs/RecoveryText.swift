import Documents
import Execution
import HostModel
import Hosts
import Planning

/// The messages about an apply or rollback that did not end.
public enum RecoveryText {
  /// The interruption with the commands that resolve it, then the state of the host.
  public static func diagnostics(_ recovery: Recovery, _ severity: Diagnostic.Severity) -> [Diagnostic] {
    let journal = recovery.journal
    let what =
      switch journal.end {
      case .stuck: "left a step stuck"
      case .partlyUndone: "could not be undone completely"
      default: "was interrupted " + place(of: journal)
      }
    return [
      Diagnostic(
        severity, code: "interrupted",
        "\(journal.name) of \(journal.began), by \(journal.header.by), \(what)",
        help:
          "undo it: pcipass recover; or complete it: pcipass recover --forward; or keep the host as it is: pcipass recover --leave"
      )
    ] + notes(recovery)
  }

  /// The steps at which the run stopped.
  static func place(of journal: Journal) -> String {
    let steps = journal.header.plan.steps
    func number(_ step: Step) -> String {
      steps.firstIndex { $0.id == step.id }.map { "step \($0 + 1) of \(steps.count)" } ?? "a step"
    }
    let inFlight = journal.inFlight
    if !inFlight.isEmpty {
      return "at "
        + inFlight.map { "\(number($0.step)), \(StepText.sentence($0.action, of: $0.step))" }.joined(
          separator: "; at ")
    }
    guard let last = journal.effects.last else { return "before its first step" }
    return "after \(number(last.step)), \(StepText.sentence(last.action, of: last.step))"
  }

  /// The state of each step and of its function on the host now.
  public static func notes(_ recovery: Recovery) -> [Diagnostic] {
    var lines: [String] = []
    if recovery.isOtherBoot {
      lines.append(
        "the host was rebooted since: drivers and VFs were reset by the reboot, guest definitions were not"
      )
    }
    for found in recovery.findings {
      let words =
        switch found.state {
        case .done: "in effect"
        case .notDone: "not in effect"
        case .other(let what): "neither done nor undone: \(what)"
        }
      lines.append("\(found.effect.step.id): \(words)")
    }
    lines += PresentState.lines(of: recovery.journal.header.plan, recovery.state).map { "now: " + $0 }
    return lines.map { Diagnostic(.note, code: "interrupted", printable($0)) }
  }
}
