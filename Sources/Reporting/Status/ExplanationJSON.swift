import Documents
import Execution
import Files
import HostModel
import Planning

/// The explanation of one NIC or guest as JSON.
public enum ExplanationJSON {
  /// The document of the kind `Explanation`.
  public static let form = OutputForm<ExplanationReport>.document(
    kind: "Explanation", "The reasons for the state of a NIC, or of all NICs of a guest.",
    host: \.host.state.host,
    [
      OutputField("manifests", \.manifests, manifests, "The manifests that the explanation uses."),
      OutputField(
        "guest",
        { report in report.explanation.guest.map { Labelled(value: $0, labels: report.explanation.labels) } },
        optional: guest, "The guest, where the explanation is about one."),
      OutputField(
        "pool", \.explanation.pool, optional: PoolStatus.form, "The pool, where the explanation is about one."
      ),
      OutputField(
        "nics", { report in report.explanation.nics.map { ReportedNIC(nic: $0, report: report) } },
        .list(of: nic), "The NICs."),
      OutputField(
        "refused", \.explanation.isRefused, .boolean,
        "Whether a plan of the host is refused, for these NICs or others."),
      OutputField(
        "earlier", \.otherLastChanges, .list(of: change),
        "The last changes to the guest for NICs that it no longer has."),
    ])

  private enum ManifestOrigin: String, CaseIterable { case given, apply, none }

  private static let manifests = OutputForm<ExplanationReport.Manifests>.record(
    "ManifestSource", "The origin of manifests.",
    [
      OutputField(
        "source", source, OutputForm<ManifestOrigin>.choice(),
        "given on the command line, those of an apply, or none."),
      OutputField(
        "apply", { if case .ofApply(let journal) = $0 { journal.id } else { nil } }, optional: .count,
        "The number of the apply."),
    ])

  private static func source(_ manifests: ExplanationReport.Manifests) -> ManifestOrigin {
    switch manifests {
    case .given: .given
    case .ofApply: .apply
    case .none: .none
    }
  }

  private static let guest = OutputForm<Labelled<ExplainedGuest>>.record(
    "ExplainedGuest", "The guest that the explanation is about.",
    [
      OutputField(
        "guest", { GuestReference(name: $0.name, manager: $0.manager) }, GuestReference.form.output,
        "The guest."),
      OutputField("origin", \.origin, optional: .text, "The manifest's line that names it."),
    ] + GuestPresence.fields.map { field in field.at { $0.found.presence } } + [
      OutputField(
        "freePorts", { $0.found.value.flatMap { $0?.freePorts } }, optional: .count,
        "How many more devices can be hot-plugged.")
    ])

  private static let nic = OutputForm<ReportedNIC>.record(
    "ExplainedNIC", "One NIC.",
    [
      OutputField(
        "address", \.nic.address, optional: PCIAddress.form.output, "The function, where it is known."),
      OutputField(
        "function", \.nic.function, optional: PCIFunction.form.output,
        "The function as in a snapshot; absent where the host does not have it."),
      OutputField(
        "group", \.nic.siblings, .list(of: PCIAddress.form.output), "The other functions of its IOMMU group."),
      OutputField(
        "hostUses", \.nic.uses, .list(of: .text),
        "What the host uses it for, or why that is unknown, as text for people. As objects: uses of an interface."
      ),
      OutputField(
        "guests",
        { one in AssignedGuest.all(one.nic.holdings).map { Labelled(value: $0, labels: one.labels) } },
        .list(of: AssignedGuest.form), "The guests that have it."),
      OutputField(
        "assignable", \.assignable, optional: Availability.form,
        "Whether it can be assigned to a guest; absent where it is not a NIC of the host."),
      OutputField(
        "origin", \.nic.declared, optional: .text, "The line of the Host manifest that names it."),
      OutputField(
        "changes", { $0.report.lastChanges(to: $0.nic) }, .list(of: change),
        "The last changes by applies and rollbacks."),
      OutputField("status", \.status, optional: NICStatusOutput.form, "Its status, where manifests name it."),
      OutputField(
        "guards", { one in one.nic.guards.compactMap { one.subjects?.described($0) } },
        .list(of: GuardReport.form.output), "The results of the guards of a plan."),
      OutputField(
        "steps", { one in one.nic.steps.compactMap { one.subjects?.described($0) } },
        .list(of: Step.form.output), "The steps by which a plan would change it."),
    ])

  private enum ChangeState: String, CaseIterable {
    case inEffect = "in-effect"
    case notInEffect = "not-in-effect"
    case changed
  }

  private static let change = OutputForm<LastChange>.record(
    "LastChange", "The last change that an apply or rollback made to a part of the host.",
    [
      OutputField("run", \.journal.id, .count, "The number of the apply or rollback."),
      OutputField("task", task, OutputForm<ChangeKind>.choice(), "Which of the two."),
      OutputField("started", \.journal.began, .moment, "When it started."),
      OutputField("by", \.journal.header.by, .text, "The user."),
      OutputField(
        "revision", \.journal.header.plan.revision, optional: .text,
        "The commit that the manifests came from."),
      OutputField("step", \.effect.step.id, .text, "The id of the step."),
      OutputField(
        "origin", \.effect.step.origin, optional: .text, "The line of the manifest that caused the step."),
      OutputField("action", \.effect.action, Action.form.output, "What was changed, from what to what."),
      OutputField(
        "description", { StepText.sentence($0.effect.action, of: $0.effect.step) }, .text,
        "The same as a sentence."),
      OutputField("completed", \.effect.isDone, .boolean, "Whether the step is known to have finished."),
      OutputField(
        "state", effect, OutputForm<ChangeState>.choice(), "Whether the change is still in effect."),
      OutputField(
        "observed", { if case .other(let found) = $0.state { found } else { nil } }, optional: .text,
        "What the host has instead, where it was changed since, as text for people."),
      OutputField("undoneBy", \.rolledBackBy, optional: .count, "The number of the rollback that undid it."),
    ])

  private enum ChangeKind: String, CaseIterable { case apply, rollback }

  private static func task(_ change: LastChange) -> ChangeKind {
    switch change.journal.header.task {
    case .apply: .apply
    case .rollback: .rollback
    }
  }

  private static func effect(_ change: LastChange) -> ChangeState {
    switch change.state {
    case .done: .inEffect
    case .notDone: .notInEffect
    case .other: .changed
    }
  }
}

/// A NIC with the report that explains it.
private struct ReportedNIC: Sendable {
  let nic: ExplainedNIC
  let report: ExplanationReport

  var labels: GuestLabels { report.explanation.labels }
  var subjects: PlanSubjects? { report.explanation.subjects }

  var status: NICStatusOutput? {
    guard let status = nic.status, let subjects else { return nil }
    return NICStatusOutput(status, subjects, nil)
  }

  var assignable: Labelled<Assignable>? {
    nic.availability.map { availability in
      Labelled(value: Assignable(availability: availability, address: nic.address), labels: labels)
    }
  }
}
