import Documents
import HostModel
import Manifests

extension Plan {
  /// The version of the plan format, as `apiVersion` states it.
  public static let version = "pcipass/v1"

  /// The JSON form of a plan, from which its decoder, its encoder and its schema are made.
  public static let form = Form<Plan>.record(
    "Plan", "What pcipass would do on one host, in an order it can be done in.",
    Field(
      "apiVersion", { _ in version }, .constant(version, "a version that this pcipass reads"),
      "The version of this format; keys may be added to it, not taken away."),
    Field("kind", { _ in "Plan" }, .constant("Plan", "a plan"), "What this document is."),
    Field("host", \.host, .hostName, "The host it is for."),
    Field("machine", \.machine, optional: MachineID.form, MachineID.summary),
    Field("steps", \.steps, .list(of: Step.form), "What is done, each after those it waits for."),
    Field(
      "refusals", \.refusals, .list(of: Refusal.form), default: [],
      "What cannot be; nothing is done while there is one."),
    Field("notices", \.notices, .list(of: Notice.form), default: [], "What is worth knowing."),
    Field(
      "guards", \.guards, .list(of: GuardReport.form), default: [],
      "What the guards have said of the NICs that would be changed or are refused. A guard that was not asked about "
        + "a NIC is not listed."),
    Field("facts", \.facts, .list(of: Fact.form), "What was observed and the plan rests on."),
    Field(
      "confirmation", \.confirmation, optional: PendingConfirmation.form,
      "An apply that was waiting for its confirmation then; nothing is carried out while it does."),
    Field("request", \.request, Request.form, "The manifests it was made from; apply plans from them again."),
    make: {
      _, _, _, machine, steps, refusals, notices, guards, facts, confirmation, request in
      Plan(
        request: request, machine: machine, steps: steps, refusals: refusals, notices: notices,
        guards: guards, facts: facts, confirmation: confirmation)
    })
}

extension Step {
  public static let form = Form<Step>.record(
    "Step", "One change.",
    Field("id", \.id, .freeText, "Stable: what it does to what."),
    Field("action", \.action, Action.form, "What is changed, from what to what."),
    Field("nic", \.nic, optional: .nicReference, "The host's NIC, or one of its VFs."),
    Field("guest", \.guest, optional: .freeText, "The guest."),
    Field("reason", \.reason, .choice("a reason"), "Why, as a stable keyword."),
    Field("because", \.because, .freeText, "Why, as a sentence."),
    Field("disturbs", \.disturbs, .choice("a disturbance"), default: .nothing, "Who notices."),
    Field("after", \.after, .list(of: .freeText), default: [], "The steps that must be done before."),
    Field("origin", \.origin, optional: .freeText, "The manifest's line that asks for it."),
    Field(
      "identity", \.identity, optional: FunctionIdentity.form, "Which function it is, wherever it is by now."),
    Field(
      "guestUUID", \.guestUUID, optional: .uuid,
      "The UUID of the libvirt domain, or that which QEMU was started with."),
    Field(
      "guestProcess", \.guestProcess, optional: ProcessIdentity.form,
      "The process of a QEMU without a UUID, as PID/START/BOOT."),
    make: Step.init)
}

extension Refusal {
  public static let form = Form<Refusal>.record(
    "Refusal", "Why a part of the plan cannot be.",
    Field("code", \.code, .choice("a refusal's code"), "Why, as a stable keyword."),
    Field("nic", \.nic, optional: .nicReference, "The host's NIC, or one of its VFs."),
    Field("guest", \.guest, optional: .freeText, "The guest."),
    Field("message", \.message, .freeText, "Why, as a sentence."),
    Field("details", \.details, .list(of: .freeText), default: [], "What bears it out."),
    Field("help", \.help, optional: .freeText, "The way out."),
    Field("origin", \.origin, optional: .freeText, "The manifest's line."),
    make: { code, nic, guest, message, details, help, origin in
      Refusal(code, nic: nic, guest: guest, message, details: details, help: help, origin: origin)
    })
}

extension Notice {
  public static let form = Form<Notice>.record(
    "Notice", "Something worth knowing that needs no step.",
    Field("code", \.code, .choice("a notice's code"), "What sort, as a stable keyword."),
    Field("nic", \.nic, optional: .nicReference, "The host's NIC, or one of its VFs."),
    Field("guest", \.guest, optional: .freeText, "The guest."),
    Field("message", \.message, .freeText, "As a sentence."),
    make: { code, nic, guest, message in Notice(code, nic: nic, guest: guest, message) })
}

extension GuardReport {
  public static let form = Form<GuardReport>.record(
    "GuardReport", "What a guard that was asked about a NIC has said.",
    Field("guard", \.which, .choice("a guard"), "Which guard, as a stable keyword."),
    Field("nic", \.nic, optional: .nicReference, "The host's NIC, or one of its VFs."),
    Field("function", \.function, PCIAddress.form, "Which function that is."),
    Field("guest", \.guest, optional: .freeText, "The guest, where the guard is about one."),
    Field(
      "verdict", \.verdict, .choice("a verdict"),
      "Passed; allowed by the manifest, though there is something against it; or refused."),
    Field("found", \.found, .list(of: .freeText), "What that rests on."),
    Field("because", \.because, optional: .freeText, "Why the manifest allows it."),
    make: { which, nic, function, guest, verdict, found, because in
      GuardReport(
        which, nic: nic, function: function, guest: guest, verdict, found: found, because: because)
    })
}

extension Fact {
  static let form = Form<Fact>.record(
    "Fact", "An observed value.",
    Field("subject", \.subject, .freeText, "What it is about."),
    Field("attribute", \.attribute, .freeText, "Which of its values."),
    Field("value", \.value, .freeText, "What was observed."),
    make: { subject, attribute, value in Fact(subject, attribute, value) })
}
