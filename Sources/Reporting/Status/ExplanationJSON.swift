import Documents
import Execution
import Files
import HostModel
import Planning

/// The explanation of one NIC or guest as JSON. Later versions may add keys and remove none.
public enum ExplanationJSON {
  /// The document of the kind `Explanation`. Times are in milliseconds since 1970.
  public static func json(_ report: ExplanationReport) -> JSON {
    let explanation = report.explanation
    return .object([
      .init("apiVersion", .string(JournalJSON.version)), .init("kind", .string("Explanation")),
      .init("host", .string(report.host.state.host)), .init("manifests", manifests(report.manifests)),
      .init("guest", explanation.guest.map(json) ?? .null),
      .init("nics", .array(explanation.nics.map { json($0, report) })),
      .init("isRefused", .boolean(explanation.isRefused)),
      .init("earlier", .array(report.otherLastChanges.map(json))),
    ])
  }

  /// The number of the apply whose manifests the explanation uses, `given`, or null.
  private static func manifests(_ manifests: ExplanationReport.Manifests) -> JSON {
    switch manifests {
    case .given: .string("given")
    case .ofApply(let journal): .integer(journal.id)
    case .none: .null
    }
  }

  private static func json(_ guest: ExplainedGuest) -> JSON {
    .object([
      .init("guest", .string(guest.name)), .init("manager", .string("\(guest.manager)")),
      .init("origin", .string(guest.origin)), .init("unavailable", .string(guest.found.reason)),
      .init("run", .string(guest.found.value.flatMap { $0?.run.rawValue })),
      .init("freePorts", .integer(guest.found.value.flatMap { $0?.freePorts })),
    ])
  }

  private static func json(_ nic: ExplainedNIC, _ report: ExplanationReport) -> JSON {
    let seen: [JSON.Member] = [
      .init("address", .string(nic.address.map { "\($0)" })),
      .init("function", nic.function.map(PCIFunction.form.encode) ?? .null),
      .init("group", .array(nic.siblings.map { .string("\($0)") })),
      .init("uses", .array(nic.uses.map(JSON.string))),
      .init("guests", .array(nic.holdings.map(json))),
      .init("available", nic.availability.map(json) ?? .null),
    ]
    let planned: [JSON.Member] = [
      .init("declared", .string(nic.declared)),
      .init("done", .array(report.lastChanges(to: nic).map(json))),
      .init("status", nic.status.map { StatusJSON.json($0, nil) } ?? .null),
      .init("guards", .array(nic.guards.map(GuardReport.form.encode))),
      .init("steps", .array(nic.steps.map(Step.form.encode))),
    ]
    return .object(seen + planned)
  }

  private static func json(_ holding: Holding) -> JSON {
    .object([
      .init("manager", .string("\(holding.guest)")), .init("part", .string(holding.part.rawValue)),
      .init("mark", .string(Ownership.nic(ofAlias: holding.hostdev.alias))),
      .init("hostdev", Hostdev.form.encode(holding.hostdev)),
    ])
  }

  private static func json(_ availability: Availability) -> JSON {
    switch availability {
    case .free: .object([.init("free", .boolean(true))])
    case .taken(let by):
      .object([.init("free", .boolean(false)), .init("taken", .array(by.map(JSON.string)))])
    case .refused(let refusals):
      .object([
        .init("free", .boolean(false)), .init("refusals", .array(refusals.map(Refusal.form.encode))),
      ])
    }
  }

  private static func json(_ lastChange: LastChange) -> JSON {
    let (progress, found): (String, String?) =
      switch lastChange.state {
      case .done: ("done", nil)
      case .notDone: ("not-done", nil)
      case .other(let found): ("other", found)
      }
    return .object([
      .init("run", .integer(lastChange.journal.id)), .init("name", .string(lastChange.journal.name)),
      .init("began", .integer(lastChange.journal.began.milliseconds)),
      .init("by", .string(lastChange.journal.header.by)),
      .init("step", .string(lastChange.effect.step.id)),
      .init("origin", .string(lastChange.effect.step.origin)),
      .init("action", Action.form.encode(lastChange.effect.action)),
      .init("words", .string(StepText.sentence(lastChange.effect.action))),
      .init("isDone", .boolean(lastChange.effect.isDone)), .init("now", .string(progress)),
      .init("found", .string(found)), .init("takenBackBy", .integer(lastChange.rolledBackBy)),
    ])
  }
}
