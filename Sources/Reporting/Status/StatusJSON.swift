import Documents
import Execution
import Files
import HostModel
import Planning

/// The status of a host as JSON. Later versions may add keys and remove none.
public enum StatusJSON {
  /// The document of the kind `Status`. Times are in milliseconds since 1970.
  public static func json(_ report: StatusReport) -> JSON {
    let (status, runs) = (report.status, report.runs)
    return .object([
      .init("apiVersion", .string(JournalJSON.version)), .init("kind", .string("Status")),
      .init("host", .string(status.host)), .init("state", .string(status.state.rawValue)),
      .init("nics", .array(status.nics.map { json($0, report.memory) })),
      .init("guests", .array(status.guests.map { json($0, status) })),
      .init("rest", .object(members(status.rest, of: DriftMemory.host, report.memory))),
      .init("lastApply", runs?.lastApply.map { json($0, report.outcome) } ?? .null),
      .init("open", .integer(runs?.open?.id)),
      .init("awaitsConfirmation", .integer(runs?.awaitingConfirmation?.id)),
      .init("confirmation", report.pending.map(PendingConfirmation.form.encode) ?? .null),
      .init("atWork", .boolean(report.isAtWork)),
    ])
  }

  private static func json(_ journal: Journal, _ outcome: String?) -> JSON {
    .object([
      .init("id", .integer(journal.id)), .init("began", .integer(journal.began.milliseconds)),
      .init("ended", .integer(journal.ended?.milliseconds)), .init("by", .string(journal.header.by)),
      .init("end", .string(journal.end?.rawValue)), .init("outcome", .string(outcome)),
    ])
  }

  static func json(_ nic: NICStatus, _ memory: DriftMemory?) -> JSON {
    .object(
      [
        .init("nic", .string(nic.name)), .init("function", .string(nic.function.map { "\($0)" })),
        .init("guest", .string(nic.guest)), .init("claim", .string(nic.claim)),
        .init("origin", .string(nic.origin)), .init("state", .string(nic.state.rawValue)),
        .init("since", .integer(memory?.since(nic.findings, of: nic.subject)?.milliseconds)),
      ] + members(nic.findings, of: nic.subject, memory))
  }

  private static func members(
    _ findings: StatusFindings, of subject: String, _ memory: DriftMemory?
  ) -> [JSON.Member] {
    [
      .init(
        "differences",
        .array(findings.differences.map { json($0, memory?.since($0, of: subject)) })),
      .init(
        "refusals",
        .array(
          findings.refusals.map {
            Refusal.form.encode($0).with("since", .integer(memory?.since($0, of: subject)?.milliseconds))
          })), .init("notices", .array(findings.notices.map(Notice.form.encode))),
    ]
  }

  private static func json(_ difference: Difference, _ since: Timestamp?) -> JSON {
    .object([
      .init("what", .string(difference.category.rawValue)), .init("guest", .string(difference.guest)),
      .init("wanted", .string(difference.desired)), .init("found", .string(difference.observed)),
      .init("because", .string(difference.because)), .init("since", .integer(since?.milliseconds)),
      .init("steps", .array(difference.steps.map(JSON.string))),
    ])
  }

  private static func json(_ guest: GuestStatus, _ status: HostStatus) -> JSON {
    .object([
      .init("guest", .string(guest.name)), .init("manager", .string("\(guest.manager)")),
      .init("run", .string(guest.run)), .init("unavailable", .string(guest.found.reason)),
      .init("state", .string(guest.state.rawValue)),
      .init(
        "nics", .array(status.nics.filter { $0.guest == guest.name }.compactMap(\.name).map(JSON.string))),
    ])
  }
}

extension JSON {
  static func string(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
  static func integer(_ number: Int?) -> JSON { number.map { .integer($0) } ?? .null }

  /// The object with one more member.
  func with(_ key: String, _ value: JSON) -> JSON {
    guard case .object(let members) = self else { return self }
    return .object(members + [Member(key, value)])
  }
}
