import Documents
import Execution
import Files
import HostModel
import Hosts
import Planning

/// A step of a run, with its subjects as the plan has them.
struct ReportedStep: Sendable {
  var report: StepReport
  var subject: Described<Step>

  static let form = OutputForm<ReportedStep>.record(
    "StepResult", "A step of a run, and its outcome.",
    [
      OutputField("id", \.subject.id, .text, "The id of the step in the plan."),
      OutputField("sign", \.subject.sign, .choice(), "What the step does."),
      OutputField("description", { StepText.sentence($0.report.step) }, .text, "The step as a sentence."),
      OutputField("nic", \.subject.nic, optional: .text, "The NIC of the host, or one of its VFs."),
      OutputField(
        "guest", \.subject.guest, optional: GuestReference.form.output, "The guest."),
      OutputField("guestNIC", \.subject.guestNIC, optional: .text, "The name of the NIC in the guest."),
      OutputField("address", \.subject.address, optional: PCIAddress.form.output, "The function."),
      OutputField("outcome", \.report.outcome, .choice(), "The outcome of the step."),
      OutputField("milliseconds", { $0.report.took?.milliseconds }, optional: .count, "The duration."),
      OutputField(
        "action", \.report.started, optional: Action.form.output,
        "The change, from what was read at its start."),
      OutputField(
        "inverse", { $0.report.started?.inverse }, optional: Action.form.output, "The change that undoes it."),
      OutputField(
        "failure", \.report.failure, optional: HostFailure.form, "Why the step or its undo failed."),
    ])
}

extension HostFailure {
  static let form = OutputForm<HostFailure>.record(
    "StepFailure", "Why a step failed.",
    [
      OutputField("kind", \.kind, .choice(), "The kind of failure."),
      OutputField("code", \.code, .text, "The reason, as a stable keyword: the guard's code, or the kind."),
      OutputField("message", \.message, .text, "The reason, as a sentence."),
      OutputField("help", \.help, optional: .text, "What to do about it."),
    ])
}
