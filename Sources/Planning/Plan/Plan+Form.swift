import Documents
import HostModel
import Manifests

extension Plan {
  public static let version = "pcipass/v1"

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
      Plan(
        request: $10, machine: $3, steps: $4, refusals: $5, notices: $6, guards: $7, facts: $8,
        confirmation: $9)
    })
}

extension Request {
  static let form = Form<Request>.record(
    "Request", "What was asked for.",
    Field("host", \.host, HostManifest.form, "The host's manifest."),
    Field("guests", \.guests, .list(of: GuestManifest.form), "Its guests' manifests."),
    Field("targets", \.targets, .list(of: Target.form), default: [], "What the run was limited to."),
    Field("prune", \.prune, .boolean, default: false, "Whether what deleted manifests declared is removed."),
    Field(
      "pruneCount", \.pruneCount, optional: .integer(0...Int(Int32.max)),
      "How many guests without a document are expected."),
    Field(
      "legacyNewID", \.legacyNewID, .boolean, default: false,
      "Whether functions are bound by new_id instead of driver_override."),
    make: {
      Request(host: $0, guests: $1, targets: $2, prune: $3, pruneCount: $4, legacyNewID: $5)
    })
}

extension Target {
  public static let form = Form<Target>.text(
    "nic/NAME or guest/NAME", pattern: "^(nic|guest)/[A-Za-z0-9][A-Za-z0-9._-]{0,252}$",
    parse: { Target($0) }, print: \.description)
}

extension Step {
  public static let form = Form<Step>.record(
    "Step", "One change.",
    Field("id", \.id, .remark, "Stable: what it does to what."),
    Field("action", \.action, Action.form, "What is changed, from what to what."),
    Field("nic", \.nic, optional: .nicReference, "The host's NIC, or one of its VFs."),
    Field("guest", \.guest, optional: .remark, "The guest."),
    Field("reason", \.reason, .choice("a reason"), "Why, as a stable keyword."),
    Field("because", \.because, .remark, "Why, as a sentence."),
    Field("disturbs", \.disturbs, .choice("a disturbance"), default: .nothing, "Who notices."),
    Field("after", \.after, .list(of: .remark), default: [], "The steps that must be done before."),
    Field("origin", \.origin, optional: .remark, "The manifest's line that asks for it."),
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
    Field("guest", \.guest, optional: .remark, "The guest."),
    Field("message", \.message, .remark, "Why, as a sentence."),
    Field("details", \.details, .list(of: .remark), default: [], "What bears it out."),
    Field("help", \.help, optional: .remark, "The way out."),
    Field("origin", \.origin, optional: .remark, "The manifest's line."),
    make: { Refusal($0, nic: $1, guest: $2, $3, details: $4, help: $5, origin: $6) })
}

extension Notice {
  public static let form = Form<Notice>.record(
    "Notice", "Something worth knowing that needs no step.",
    Field("code", \.code, .choice("a notice's code"), "What sort, as a stable keyword."),
    Field("nic", \.nic, optional: .nicReference, "The host's NIC, or one of its VFs."),
    Field("guest", \.guest, optional: .remark, "The guest."),
    Field("message", \.message, .remark, "As a sentence."),
    make: { Notice($0, nic: $1, guest: $2, $3) })
}

extension GuardReport {
  public static let form = Form<GuardReport>.record(
    "GuardReport", "What a guard that was asked about a NIC has said.",
    Field("guard", \.which, .choice("a guard"), "Which guard, as a stable keyword."),
    Field("nic", \.nic, optional: .nicReference, "The host's NIC, or one of its VFs."),
    Field("function", \.function, PCIAddress.form, "Which function that is."),
    Field("guest", \.guest, optional: .remark, "The guest, where the guard is about one."),
    Field(
      "verdict", \.verdict, .choice("a verdict"),
      "Passed; allowed by the manifest, though there is something against it; or refused."),
    Field("found", \.found, .list(of: .remark), "What that rests on."),
    Field("because", \.because, optional: .remark, "Why the manifest allows it."),
    make: { GuardReport($0, nic: $1, function: $2, guest: $3, $4, found: $5, because: $6) })
}

extension Fact {
  static let form = Form<Fact>.record(
    "Fact", "An observed value.",
    Field("subject", \.subject, .remark, "What it is about."),
    Field("attribute", \.attribute, .remark, "Which of its values."),
    Field("value", \.value, .remark, "What was observed."),
    make: { Fact($0, $1, $2) })
}
