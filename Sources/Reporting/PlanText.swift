import Documents
import Planning

/// A plan as text for a terminal.
public struct PlanText {
  private let style: Style
  private let detail: DetailLevel

  public init(style: Style, detail: DetailLevel = .normal) {
    self.style = style
    self.detail = detail
  }

  /// The steps in order with their reasons, then guards and notes, and the counts last.
  public func text(_ plan: Plan) -> String {
    var result = detail == .quiet ? "" : body(plan)
    if !result.isEmpty { result = "\(style.bold(plan.host)):\n" + result + "\n" }
    if !plan.refusals.isEmpty {
      return result
        + "\(plan.host): refused, for \(pluralised(plan.refusals.count, "reason")); nothing would be done.\n"
    }
    guard plan.isEmpty else { return result + "\(plan.host): \(StepCounts(plan.steps).text).\n" }
    return result + "\(plan.host): \(plan.hasDrift ? Self.drift : "No changes.")\n"
  }

  /// The result of a plan without steps on a host that is not in sync.
  private static let drift = "Not in sync, and nothing that apply can change: see the notes [saved-image]."

  private func body(_ plan: Plan) -> String {
    var result = ""
    let width = String(plan.steps.count).count
    for (index, step) in plan.steps.enumerated() {
      let number = String(index + 1)
      let pad = String(repeating: " ", count: width - number.count)
      result += "  \(pad)\(number)  \(colored(step)) \(StepText.sentence(step.action))\n"
      let reasons = [printable(step.because), StepText.disturbance(step)].compactMap { $0 }.joined(
        separator: "; ")
      let origin = step.origin.map { "  " + style.dim(printable($0)) } ?? ""
      result += String(repeating: " ", count: width + 8) + reasons + origin + "\n"
    }
    result += text(plan.guards)
    for notice in plan.notices { result += text(notice) }
    return result + (detail == .verbose ? facts(plan) : "")
  }

  /// The facts that the plan rests on. Where one of them has changed, a saved plan is stale.
  private func facts(_ plan: Plan) -> String {
    plan.facts.reduce(into: plan.facts.isEmpty ? "" : "  It rests on:\n") { result, fact in
      result +=
        "    " + printable("\(fact.subject) \(fact.attribute): \(fact.value.isEmpty ? "none" : fact.value)")
        + "\n"
    }
  }

  /// A refusal with its location, details and help.
  public func text(_ refusal: Refusal) -> String {
    let subject = StepText.subject(refusal.nic, refusal.guest)
    let origin = refusal.origin.map { printable($0) + ": " } ?? ""
    var result =
      style.bold(origin) + style.red("error:") + (subject.isEmpty ? "" : " \(subject):")
      + " \(printable(refusal.message)) [\(refusal.code.rawValue)]\n"
    for detail in refusal.details { result += "    " + printable(detail) + "\n" }
    if let help = refusal.help { result += "  help: " + printable(help) + "\n" }
    return result
  }

  /// One line for each NIC with the guards that passed, then one for each guard that a manifest allows it to
  /// pass.
  private func text(_ guards: [GuardReport]) -> String {
    let nics = GuardText.all(guards).filter { !$0.keywords(.passed).isEmpty }
    let width = nics.map { $0.name.count + 1 }.max() ?? 0
    var result = nics.isEmpty ? "" : "  Guards passed:\n"
    for nic in nics {
      let name = nic.name + String(repeating: " ", count: width - nic.name.count)
      let refused = nic.keywords(.refused).joined(separator: ", ")
      result += "    \(name)\(nic.function): \(nic.keywords(.passed).joined(separator: ", "))"
      result += refused.isEmpty ? "\n" : "; \(style.red("refused by")) \(refused)\n"
    }
    if detail == .verbose, !nics.isEmpty { result += found(guards) }
    for report in guards where report.verdict == .allowed {
      result +=
        "  \(style.yellow("allowed:")) \(StepText.subject(report.nic, nil)): \(GuardText.found(report)); "
        + "because: \(style.yellow(printable(report.because ?? ""))) [\(report.which.rawValue)]\n"
    }
    return result
  }

  /// The finding of each guard that passed.
  private func found(_ guards: [GuardReport]) -> String {
    GuardText.all(guards).reduce(into: "  What they found:\n") { result, nic in
      for report in nic.passed {
        result +=
          "    \(nic.name.isEmpty ? "" : nic.name + " ")\(nic.function) \(report.which.rawValue): "
          + "\(GuardText.found(report))\n"
      }
    }
  }

  private func text(_ notice: Notice) -> String {
    let subject = StepText.subject(notice.nic, notice.guest)
    return "  \(style.yellow("note:")) \(subject.isEmpty ? "" : subject + ": ")\(printable(notice.message)) "
      + "[\(notice.code.rawValue)]\n"
  }

  private func colored(_ step: Step) -> String {
    let symbol = StepText.symbol(step)
    let padded = symbol + String(repeating: " ", count: 3 - symbol.count)
    return switch symbol {
    case "+": style.green(padded)
    case "-": style.red(padded)
    default: style.yellow(padded)
    }
  }
}
