import Documents
import Execution
import Files
import HostModel
import Planning

/// The status of a host as JSON.
public enum StatusJSON {
  /// The document of the kind `Status`.
  public static let form = OutputForm<StatusReport>.document(
    kind: "Status", "Whether a host is in sync with its manifests, by NIC and guest.", host: \.status.host,
    [
      OutputField("state", \.status.state, .choice(), "The worst state of all NICs and of the host itself."),
      OutputField(
        "nics",
        { report in report.status.nics.map { NICStatusOutput($0, report.status.subjects, report.memory) } },
        .list(of: NICStatusOutput.form), "The NICs of the manifests, and others that a plan would change."),
      OutputField(
        "guests",
        { report in report.status.guests.map { GuestStatusOutput(status: $0, host: report.status) } },
        .list(of: GuestStatusOutput.form), "The guests of the manifests."),
      OutputField(
        "pools", \.status.pools, .list(of: PoolStatus.form),
        "The pools, and the NICs whose VFs are claimed as a pool."),
      OutputField("rest", \.rest, FindingsOutput.form, "Findings that are not about a NIC."),
      OutputField(
        "journals", { $0.runs == nil ? .unknown : .known }, OutputForm<JournalKnowledge>.choice(),
        "Whether the journals of the host are known. A snapshot has none."),
      OutputField("lastApply", \.lastApply, optional: RunReport.form, "The last apply."),
      OutputField(
        "open", \.runs?.open?.id, optional: .count,
        "The number of a run that was interrupted, is stuck, was undone in part, or is running."),
      OutputField(
        "awaitsConfirmation", \.runs?.awaitingConfirmation?.id, optional: .count,
        "The number of the apply that waits for confirmation."),
      OutputField(
        "confirmation", \.pending, optional: PendingConfirmation.form.output,
        "Details of the apply that waits for confirmation."),
      OutputField("atWork", \.isAtWork, .boolean, "Whether a pcipass process is changing the host."),
    ])

  private enum JournalKnowledge: String, CaseIterable { case known, unknown }
}

extension StatusReport {
  fileprivate var rest: FindingsOutput {
    FindingsOutput(
      findings: status.rest, subject: DriftMemory.host, address: nil, subjects: status.subjects,
      memory: memory)
  }

}

/// The status of a NIC, with the dates and subjects that the document adds.
struct NICStatusOutput: Sendable {
  private let nic: NICStatus
  private let subjects: PlanSubjects
  private let memory: DriftMemory?

  init(_ nic: NICStatus, _ subjects: PlanSubjects, _ memory: DriftMemory?) {
    self.nic = nic
    self.subjects = subjects
    self.memory = memory
  }

  private var findings: FindingsOutput {
    FindingsOutput(
      findings: nic.findings, subject: nic.subject, address: nic.function, subjects: subjects, memory: memory)
  }

  static let form = OutputForm<NICStatusOutput>.record(
    "NICStatus", "Whether a NIC is in sync with the manifests.",
    [
      OutputField(
        "nic", \.nic.name, optional: .text,
        """
        The name in the Host manifest: NAME or NAME/INDEX, of a member of a pool POOL/PORT or POOL/PORT/INDEX, \
        POOL where a claim of it gets no member; absent where no Host names the function.
        """),
      OutputField("guestNIC", \.nic.guestNIC, optional: .text, "The guest's name for the NIC."),
      OutputField(
        "address", \.nic.function, optional: PCIAddress.form.output,
        "The function; absent where the host does not have it, or where it is not known which one it is."),
      OutputField(
        "guest", { nic in nic.nic.guest.map { nic.subjects.labels.reference($0) } },
        optional: GuestReference.form.output, "The guest that claims it."),
      OutputField(
        "assignment", \.nic.assignment, optional: Assignment.reasonForm,
        "Why the guest has it, or gets it, from a pool; absent where its claim names the NIC itself."),
      OutputField("origin", \.nic.origin, optional: .text, "The manifest's line that claims or names it."),
      OutputField("state", \.nic.state, .choice(), "Its state."),
      OutputField(
        "since", { $0.memory?.since($0.nic.findings, of: $0.nic.subject) }, optional: .moment,
        "When it was first seen not in sync, where that is recorded."),
    ] + FindingsOutput.fields.map { field in field.at { $0.findings } })
}

/// The status of a guest, with the status of its host.
private struct GuestStatusOutput: Sendable {
  let status: GuestStatus
  let host: HostStatus

  static let form = OutputForm<GuestStatusOutput>.record(
    "GuestStatus", "Whether a guest is in sync with the manifests.",
    [
      OutputField(
        "guest", { GuestReference(name: $0.status.name, manager: $0.status.manager) },
        GuestReference.form.output, "The guest."),
      OutputField("state", \.status.state, .choice(), "The worst state of its NICs."),
    ] + GuestPresence.fields.map { field in field.at { $0.status.found.presence } } + [
      OutputField(
        "nics", { one in one.host.nics.filter { $0.guest == one.status.name }.compactMap(\.name) },
        .list(of: .text), "The NICs that it claims.")
    ])
}
