import Documents
import Planning

/// Plans for a pull request: the counts first, each host's steps folded below.
public enum PlanMarkdown {
  /// GitHub refuses comments that are longer.
  private static let longest = 65_000

  public static func text(_ plans: [Plan]) -> String {
    let changed = plans.filter { !$0.isEmpty }
    let refused = plans.filter { !$0.refusals.isEmpty }
    let counts = Counts(plans.flatMap(\.steps))
    var result = "### pcipass plan\n\n"
    if changed.isEmpty, refused.isEmpty {
      return result
        + "No changes. \(plans.count == 1 ? "The host is" : "\(plans.count) hosts are") as declared.\n"
    }
    result += "**\(counts.text)** on \(changed.count) of \(counted(plans.count, "host"))"
    result += refused.isEmpty ? ".\n" : "; **\(refused.count) refused**: nothing would be done there.\n"
    let shown = plans.filter { !$0.isEmpty || !$0.refusals.isEmpty }
    let whole = shown.reduce(into: result) { $0 += text($1, withGuards: true) }
    if whole.utf8.count <= longest { return whole }
    // The steps of all before the guards of some.
    var left = 0
    for plan in shown {
      let section = text(plan, withGuards: false)
      if result.utf8.count + section.utf8.count > longest { left += 1 } else { result += section }
    }
    result += "\nThe guards that were passed are left out here for length.\n"
    if left > 0 { result += "\n\(counted(left, "more host")) left out here for length.\n" }
    return result
  }

  private static func text(_ plan: Plan, withGuards: Bool) -> String {
    var result = "\n<details><summary><b>\(escaped(plan.host))</b>: "
    result += plan.refusals.isEmpty ? Counts(plan.steps).text : "refused"
    result += "</summary>\n\n"
    for refusal in plan.refusals {
      let subject = StepWords.subject(refusal.nic, refusal.guest)
      result += "- ❌ `\(refusal.code.rawValue)` \(escaped(subject)): \(escaped(refusal.message))\n"
      for detail in refusal.details { result += "  - \(escaped(detail))\n" }
    }
    if !plan.steps.isEmpty {
      result += "\n| # | | step | why |\n| --- | --- | --- | --- |\n"
      for (index, step) in plan.steps.enumerated() {
        let why = [step.because, StepWords.disturbance(step).map { "**\($0)**" }].compactMap { $0 }
        result +=
          "| \(index + 1) | `\(StepWords.symbol(step))` | \(escaped(StepWords.sentence(step.action))) "
          + "| \(escaped(why[0]))\(why.count > 1 ? "; " + why[1] : "") |\n"
      }
    }
    for report in plan.guards where report.verdict == .allowed {
      result +=
        "\n- ⚠️ `\(report.which.rawValue)` \(escaped(StepWords.subject(report.nic, nil))): "
        + "\(escaped(GuardWords.found(report))); allowed because: **\(escaped(report.because ?? ""))**\n"
    }
    for notice in plan.notices {
      result +=
        "\n- `\(notice.code.rawValue)` \(escaped(StepWords.subject(notice.nic, notice.guest))): "
        + escaped(notice.message) + "\n"
    }
    if withGuards { result += text(plan.guards) }
    return result + "\n</details>\n"
  }

  /// What each guard has found, folded once more.
  private static func text(_ guards: [GuardReport]) -> String {
    let passed = guards.filter { $0.verdict == .passed }
    guard !passed.isEmpty else { return "" }
    var result = "\n<details><summary>\(counted(passed.count, "guard")) passed</summary>\n\n"
    for nic in GuardWords.all(passed) {
      let found = nic.reports.map { "`\($0.which.rawValue)` \(escaped(GuardWords.found($0)))" }
      result += "- \(escaped(nic.name)) \(nic.function): \(found.joined(separator: "; "))\n"
    }
    return result + "\n</details>\n"
  }

  /// Text from outside must not become markup of the page that shows it.
  private static func escaped(_ text: String) -> String {
    // Scalars, not characters: a mark behind a `|` makes another character of it, and to Markdown it is still one.
    printable(text).unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "|", "`", "*", "_", "[", "]", "\\", "#", "@", "~": result += "\\\(scalar)"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
