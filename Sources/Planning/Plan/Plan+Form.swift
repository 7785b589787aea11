import Documents
import HostModel
import Manifests

extension Plan {
  /// The version of the plan format, as `apiVersion` states it.
  public static let version = "pcipass/v1"

  /// The JSON form of a plan, from which its decoder, its encoder and its schema are made.
  public static let form = Form<Plan>.record(
    "Plan",
    "The steps that bring one host into sync with its manifests, in an order in which they can be done.",
    Field(
      "apiVersion", { _ in version }, .constant(version, "a version that this pcipass reads"),
      "The version of this format. Later versions may add keys and never remove one."),
    Field("kind", { _ in "Plan" }, .constant("Plan", "a plan"), "The kind of the document."),
    Field("host", \.host, .hostName, "The name of the host."),
    Field("machine", \.machine, optional: MachineID.form, MachineID.summary),
    Field(
      "revision", \.revision, optional: .freeText,
      "The commit that the manifests come from, followed by -dirty where files differ from it."),
    Field(
      "steps", { $0.steps.map(PlanSubjects($0).described) }, .list(of: Step.form),
      "The steps, each after those that it waits for."),
    Field(
      "counts", { .some(.some(StepCounts($0.steps))) }, optional: StepCounts.form.derived,
      "The numbers of steps by their signs. Ignored when a plan is read."),
    Field(
      "refusals", { plan in plan.refusals.map { PlanSubjects(plan).described($0) } }, .list(of: Refusal.form),
      default: [], "The reasons why the plan is refused. A plan with a refusal is never applied."),
    Field(
      "notices", { $0.notices.map(PlanSubjects($0).described) }, .list(of: Notice.form), default: [],
      "Information that needs no step."),
    Field(
      "guards", { $0.guards.map(PlanSubjects($0).described) }, .list(of: GuardReport.form), default: [],
      "The results of the checks of the NICs that are changed or refused. Checks that were not made are not "
        + "listed."),
    Field(
      "assignments", \.assignments, .list(of: Assignment.form), default: [],
      "What claims of pools get, and why."),
    Field("facts", \.facts, .list(of: Fact.form), "The observed values that the plan depends on."),
    Field(
      "confirmation", \.confirmation, optional: PendingConfirmation.form,
      "An apply that was waiting for confirmation when the plan was made. No plan is applied while it waits."),
    Field(
      "request", \.request, Request.form,
      "The manifests of the plan. apply plans from them again and compares."),
    make: {
      _, _, _, machine, revision, steps, _, refusals, notices, guards, assignments, facts, confirmation,
      request
      in
      Plan(
        request: request, machine: machine, revision: revision,
        steps: steps.map { PlanSubjects.part($0, request.guests) },
        refusals: refusals.map { PlanSubjects.part($0, request.guests) },
        notices: notices.map { PlanSubjects.part($0, request.guests) },
        guards: guards.map { PlanSubjects.part($0, request.guests) }, assignments: assignments, facts: facts,
        confirmation: confirmation)
    })
}

extension Step {
  public static let form = Form<Described<Step>>.record(
    "Step", "One change.",
    Field("id", \.id, .freeText, "A stable identifier, unique in the plan."),
    Field(
      "sign", { .some(.some($0.sign)) }, optional: Form<StepSign>.choice("a sign").derived,
      "What the step does: adds, removes, changes, or removes and adds again. Ignored when a plan is read."),
    Field("action", \.action, Action.form, "The change, with the state before and after."),
    Field("nic", \.nic, optional: .nicReference, "The NIC of the host, or one of its VFs."),
    Field("guestNIC", \.guestNIC, optional: .freeText, "The name of the NIC in the guest."),
    Field("address", \.address, optional: PCIAddress.form, "The function that is changed or assigned."),
    Field("guest", \.guest, optional: GuestReference.formOrLabel, "The guest."),
    Field("reason", \.reason, .choice("a reason"), "The reason, as a stable keyword."),
    Field("because", \.because, .freeText, "The reason, as a sentence."),
    Field(
      "disturbs", \.disturbs, .choice("a disturbance"), default: .nothing,
      "What the step disturbs while it is done."),
    Field("after", \.after, .list(of: .freeText), default: [], "The steps that must be done before."),
    Field("origin", \.origin, optional: .freeText, "The line of the manifest that requires the step."),
    Field(
      "identity", \.identity, optional: FunctionIdentity.form,
      "The identity of the function, which stays when its address changes."),
    Field(
      "guestUUID", \.guestUUID, optional: .uuid,
      "The UUID of the libvirt domain, or the one that QEMU was started with."),
    Field(
      "guestProcess", \.guestProcess, optional: ProcessIdentity.form,
      "The process of a QEMU without a UUID, as PID/START/BOOT."),
    make: {
      id, _, action, nic, _, _, guest, reason, because, disturbs, after, origin, identity, uuid, process in
      let step = Step(
        id: id, action: action, nic: nic, guest: nil, reason: reason, because: because, disturbs: disturbs,
        after: after, origin: origin, identity: identity, guestUUID: uuid, guestProcess: process)
      return Described(step, guest: guest)
    })
}

extension Refusal {
  public static let form = Form<Described<Refusal>>.record(
    "Refusal", "The reason why a part of the plan cannot be done.",
    Field("code", \.code, Refusal.Code.form, "The reason, as a stable keyword."),
    Field("nic", \.nic, optional: .nicReference, "The NIC of the host, or one of its VFs."),
    Field("guest", \.guest, optional: GuestReference.formOrLabel, "The guest."),
    Field("address", \.address, optional: PCIAddress.form, "The function."),
    Field("message", \.message, .freeText, "The reason, as a sentence."),
    Field("details", \.details, .list(of: .freeText), default: [], "The evidence."),
    Field("help", \.help, optional: .freeText, "What the operator can do."),
    Field("origin", \.origin, optional: .freeText, "The line of the manifest."),
    make: { code, nic, guest, _, message, details, help, origin in
      Described(
        Refusal(code, nic: nic, message, details: details, help: help, origin: origin), guest: guest)
    })
}

extension Notice {
  public static let form = Form<Described<Notice>>.record(
    "Notice", "Information that needs no step.",
    Field("code", \.code, .choice("the code of a notice"), "The kind of notice, as a stable keyword."),
    Field("nic", \.nic, optional: .nicReference, "The NIC of the host, or one of its VFs."),
    Field("guest", \.guest, optional: GuestReference.formOrLabel, "The guest."),
    Field("message", \.message, .freeText, "As a sentence."),
    make: { code, nic, guest, message in Described(Notice(code, nic: nic, message), guest: guest) })
}

extension GuardReport {
  public static let form = Form<Described<GuardReport>>.record(
    "GuardReport", "The result of one check of a NIC.",
    Field("guard", \.which, Guard.form, "The check, by the name of what it looks at."),
    Field("nic", \.nic, optional: .nicReference, "The NIC of the host, or one of its VFs."),
    Field("address", earlier: "function", \.function, PCIAddress.form, "The function of the NIC."),
    Field(
      "guest", \.guest, optional: GuestReference.formOrLabel, "The guest, where the check is about one."),
    Field("guestNIC", \.guestNIC, optional: .freeText, "The name of the NIC in the guest."),
    Field(
      "verdict", \.verdict, .choice("a verdict"),
      "Passed; not passed, and allowed by the manifest; or refused."),
    Field("found", \.found, .list(of: .freeText), "The evidence."),
    Field("because", \.because, optional: .freeText, "The reason that the manifest gives for allowing it."),
    make: { which, nic, function, guest, _, verdict, found, because in
      Described(
        GuardReport(which, nic: nic, function: function, verdict, found: found, because: because),
        guest: guest)
    })
}

extension Fact {
  /// The names that attributes had in earlier versions.
  private static let former = ["own driver": nativeDriver]

  static let form = Form<Fact>.record(
    "Fact", "An observed value.",
    Field("subject", \.subject, .freeText, "The function, guest or part of the host that has the value."),
    Field("attribute", \.attribute, .freeText, "The name of the value."),
    Field("value", \.value, .freeText, "The observed value."),
    make: { subject, attribute, value in Fact(subject, former[attribute] ?? attribute, value) })
}
