import Documents
import Planning

/// A plan as text for a terminal: the difference that it makes, grouped by guest and NIC.
public struct PlanText {
  private let style: Style
  private let detail: DetailLevel

  public init(style: Style, detail: DetailLevel = .normal) {
    self.style = style
    self.detail = detail
  }

  /// The groups, the checks, what is disrupted, and the counts last. A refused plan has no groups, because
  /// none of its steps would be done.
  public func text(_ plan: Plan) -> String {
    let end = style.bold("\(printable(plan.host)):") + " " + result(of: plan) + "\n"
    if detail == .quiet { return end }
    var result = plan.refusals.isEmpty ? difference(of: plan) : notes(plan.notices)
    if detail == .verbose { result += steps(of: plan) + members(of: plan) }
    result += checks(plan.guards)
    if detail == .verbose {
      result += facts(of: plan)
      if let revision = plan.revision { result += "Revision: \(printable(revision))\n" }
    }
    if plan.refusals.isEmpty, let disruptions = PlanDisruptions(plan).text(style) {
      result += "Disrupts: \(disruptions)\n"
    }
    return result + end
  }

  /// The last line without the name of the host.
  private func result(of plan: Plan) -> String {
    if !plan.refusals.isEmpty {
      return style.red("refused") + ", for \(pluralised(plan.refusals.count, "reason")). Nothing is changed."
    }
    if !plan.isEmpty { return "\(StepCounts(plan.steps).text)." }
    return plan.hasDrift
      ? "drifted, and no step can change that: see the notes [saved-image]."
      : plan.request.part.unchanged + "."
  }

  private func difference(of plan: Plan) -> String {
    let (groups, others) = PlanGroup.all(plan)
    let groupText = PlanGroupText(style: style, detail: detail, of: groups)
    var result = ""
    if !groups.isEmpty {
      result += style.bold("\(printable(plan.host)):") + " \(StepCounts(plan.steps).text)\n\n"
    }
    for group in groups { result += groupText.text(group) + notes(group.notices, indent: 4) }
    result += notes(others)
    return result.isEmpty || groups.isEmpty ? result : result + "\n"
  }

  /// The steps in their order, each with its reason and its line in a manifest.
  private func steps(of plan: Plan) -> String {
    guard !plan.steps.isEmpty else { return "" }
    var result =
      plan.refusals.isEmpty ? "Steps, in their order:\n" : "These steps would run without the refusals:\n"
    let width = String(plan.steps.count).count
    for (index, step) in plan.steps.enumerated() {
      let number = String(index + 1)
      result += "  " + String(repeating: " ", count: width - number.count) + number + "  "
      result += style.sign(step.sign) + " " + StepText.sentence(step) + "\n"
      let reasons = [printable(step.because), StepText.disturbance(step)].compactMap { $0 }
      result += String(repeating: " ", count: width + 8)
      result += style.dim(reasons.joined(separator: "; ") + origin(step.origin)) + "\n"
    }
    return result + "\n"
  }

  /// What each claim of a pool gets, and why, including those that are not changed.
  private func members(of plan: Plan) -> String {
    guard !plan.assignments.isEmpty else { return "" }
    return plan.assignments.reduce(into: "Members of pools, by claim:\n") {
      $0 += "  " + printable("guest/\($1.guest) \($1.nic): \($1.memberWords)") + "\n"
    } + "\n"
  }

  private func origin(_ origin: String?) -> String { origin.map { "  " + printable($0) } ?? "" }

  /// The facts that the plan depends on. If one of them has changed, a saved plan is stale.
  private func facts(of plan: Plan) -> String {
    plan.facts.reduce(into: plan.facts.isEmpty ? "" : "Facts that the plan depends on:\n") { result, fact in
      result +=
        "  " + printable("\(fact.subject) \(fact.attribute): \(fact.value.isEmpty ? "none" : fact.value)")
        + "\n"
    } + (plan.facts.isEmpty ? "" : "\n")
  }

  /// Refusals with their locations, details and help. Those that differ only in the VF are shown as one.
  public func text(_ refusals: [Refusal]) -> String {
    RefusalGroup.all(refusals).reduce(into: "") { result, group in
      result += text(group.first, alsoFor: group.others)
    }
  }

  private func text(_ refusal: Refusal, alsoFor others: [String]) -> String {
    let subject = StepText.subject(refusal.nic, refusal.guest)
    let origin = refusal.origin.map { printable($0) + ": " } ?? ""
    var result =
      style.bold(origin) + style.red("error:") + (subject.isEmpty ? "" : " \(subject):")
      + " \(printable(refusal.message)) [\(refusal.code.rawValue)]\n"
    for detail in refusal.details { result += "    " + printable(detail) + "\n" }
    if let first = others.first, let last = others.last {
      let names =
        others.count == 1
        ? printable(first) : "\(others.count) more, \(printable(first)) to \(printable(last))"
      result += "    The same applies to \(names).\n"
    }
    if let help = refusal.help { result += "  help: " + printable(help) + "\n" }
    return result
  }

  /// The numbers of checks, then one line for each check that refuses the plan or whose failure the
  /// manifest allows.
  private func checks(_ guards: [GuardReport]) -> String {
    guard !guards.isEmpty else { return "" }
    var result = "Checks: \(GuardText.counts(guards))\n"
    for nic in GuardText.all(guards) where detail == .verbose && !nic.passed.isEmpty {
      result += findings(nic)
    }
    for nic in GuardText.all(guards) {
      let refused = nic.keywords(.refused).joined(separator: ", ")
      if !refused.isEmpty {
        result += "  \(style.red("refused:")) \(nic.subject): \(refused)\n"
      }
    }
    for report in guards where report.verdict == .allowed {
      result +=
        "  \(style.yellow("allowed:")) \(StepText.subject(report.nic, nil)): \(GuardText.found(report)); "
        + "because: \(style.yellow(printable(report.because ?? ""))) [\(report.which.rawValue)]\n"
    }
    return detail == .verbose ? result + "\n" : result
  }

  /// The findings of each check of a NIC that passed.
  private func findings(_ nic: GuardText) -> String {
    let width = nic.passed.map(\.which.rawValue.count).max() ?? 0
    return nic.passed.reduce(into: "  \(nic.name.isEmpty ? "" : nic.name + "  ")\(nic.function)\n") {
      let name = $1.which.rawValue
      let pad = String(repeating: " ", count: width - name.count)
      $0 += "    \(name)\(pad)  \(GuardText.found($1))\n"
    }
  }

  private func notes(_ notices: [Notice], indent: Int = 0) -> String {
    notices.reduce(into: "") { result, notice in
      let subject = StepText.subject(notice.nic, notice.guest)
      result +=
        String(repeating: " ", count: indent) + style.yellow("note:")
        + " \(subject.isEmpty ? "" : subject + ": ")\(printable(notice.message)) "
        + "[\(notice.code.rawValue)]\n"
    }
  }
}

extension Style {
  /// The sign in three columns.
  func sign(_ sign: StepSign) -> String {
    let padded = sign.rawValue + String(repeating: " ", count: 3 - sign.rawValue.count)
    return switch sign {
    case .adds: green(padded)
    case .removes: red(padded)
    case .changes, .replaces: yellow(padded)
    }
  }
}
