import Documents
import Planning

/// Plans as GitHub Flavored Markdown for a pull request: the counts, then for each host a picture of its
/// changes and a folded table, with the groups and words of the plan as text.
public enum PlanMarkdown {
  /// The limit of the text in bytes. GitHub refuses comments of more than 65,536 characters.
  private static let longest = 65_000
  /// The number of pictures, because more make the comment hard to read.
  private static let mostPictures = 5
  /// The limit of the list of hosts, and of the list of problems, in bytes.
  private static let (longestHosts, longestProblems) = (30_000, 15_000)

  /// - Parameters:
  ///   - plans: the plans, each with the topology of what it changes.
  ///   - hosts: all hosts, including those without a plan.
  ///   - diagnostics: the problems of the manifests.
  public static func text(
    _ plans: [(plan: Plan, picture: Topology)], hosts: [FleetHost], diagnostics: [Diagnostic] = []
  ) -> String {
    var result = "### pcipass plan\n\n" + totals(plans.map(\.plan), hosts)
    if hosts.count > 1 || hosts.count(.notPlanned) > 0 {
      result += FleetMarkdown.table(hosts, upTo: longestHosts)
    }
    result += FleetMarkdown.exhausted(hosts) + FleetMarkdown.list(diagnostics, upTo: longestProblems)
    let isRefused = plans.filter { !$0.plan.refusals.isEmpty }
    let shown =
      isRefused
      + plans.filter { plan, _ in
        // The notices of a plan of the host's half list what was not looked at.
        plan.refusals.isEmpty && (!plan.isEmpty || plan.hasDrift || plan.request.part == .host)
      }
    // The changes have priority over the checks, and the checks over the pictures. The subtracted
    // bytes are for the sentences about omitted parts.
    var room = longest - 300 - result.utf8.count
    let whole = shown.map { fold($0.plan, withChecks: true) }
    let isWhole = whole.reduce(0) { $0 + $1.utf8.count } <= room
    let folds = zip(shown, whole).map { one, whole -> String? in
      var text = isWhole ? whole : fold(one.plan, withChecks: false)
      if text.utf8.count > room, shown.count == 1 {
        text = fold(
          one.plan, withChecks: false, table: room - fold(one.plan, withChecks: false, table: 0).utf8.count)
      }
      guard text.utf8.count <= room else { return nil }
      room -= text.utf8.count
      return text
    }
    var undrawn = 0
    for (index, fold) in folds.enumerated() {
      if let picture = index < mostPictures ? picture(shown[index].picture, upTo: room) : nil {
        room -= picture.utf8.count
        result += picture
      } else if shown[index].picture.hasChanges {
        undrawn += 1
      }
      result += fold ?? ""
    }
    if !isWhole {
      result += "\nThe checks that passed and the members of pools are left out here for length.\n"
    }
    if undrawn > 0 { result += "\n\(pluralised(undrawn, "picture")) left out here for length.\n" }
    let left = folds.filter { $0 == nil }.count
    if left > 0 { result += "\n\(pluralised(left, "more plan")) left out here for length.\n" }
    if let revision = plans.first?.plan.revision { result += "\nRevision: \(Markdown.escaped(revision))\n" }
    return result
  }

  /// The comment of a run that could not plan any host.
  public static func failure(_ diagnostics: [Diagnostic]) -> String {
    "### pcipass plan\n\n**There is no plan**, because of these errors:\n"
      + FleetMarkdown.list(diagnostics, upTo: longest - 300)
  }

  private static func totals(_ plans: [Plan], _ hosts: [FleetHost]) -> String {
    let (refused, unplanned) = (hosts.count(.refused), hosts.count(.notPlanned))
    if hosts.allSatisfy({ $0.state == .unchanged }) {
      if let part = hosts.first(where: { $0.part != .everything })?.part { return "\(part.unchanged).\n" }
      return "No changes. \(hosts.count == 1 ? "The host is" : "\(hosts.count) hosts are") in sync.\n"
    }
    let counts = StepCounts(plans.filter(\.refusals.isEmpty).flatMap(\.steps))
    return "**\(counts.text)** on \(hosts.count(.changed)) of \(pluralised(hosts.count, "host"))"
      + (refused > 0 ? "; **\(refused) refused**: nothing is changed there" : "")
      + (unplanned > 0 ? "; **\(unplanned) not planned**" : "") + ".\n"
  }

  /// A Mermaid diagram of the changes. It is not folded: Mermaid measures what it draws, and draws nothing in
  /// a closed fold (https://github.com/mermaid-js/mermaid/issues/1325).
  ///
  /// - Parameter room: the available space in bytes.
  private static func picture(_ topology: Topology, upTo room: Int) -> String? {
    guard topology.hasChanges else { return nil }
    let title = "\n**\(Markdown.escaped(topology.host))**\n"
    return GraphMermaid.text(topology, upTo: room - title.utf8.count - 20).map {
      "\(title)\n```mermaid\n\($0)```\n"
    }
  }

  /// The section of one host, which a click opens.
  ///
  /// - Parameter table: the available space for the table, in bytes.
  private static func fold(_ plan: Plan, withChecks: Bool, table: Int = .max) -> String {
    let counts = plan.refusals.isEmpty ? StepCounts(plan.steps).text : "refused"
    return "\n<details><summary><b>\(Markdown.escaped(plan.host))</b>: \(counts)</summary>\n\n\n"
      + text(plan, table: table) + (withChecks ? members(plan.assignments) + checks(plan.guards) : "")
      + "\n</details>\n"
  }

  private static func text(_ plan: Plan, table room: Int) -> String {
    var result = ""
    for refusal in plan.refusals {
      let subject = StepText.subject(refusal.nic, refusal.guest)
      result +=
        "- ❌ `\(refusal.code.rawValue)` \(Markdown.escaped(subject)): \(Markdown.escaped(refusal.message))\n"
      for detail in refusal.details { result += "  - \(Markdown.escaped(detail))\n" }
    }
    let (groups, _) = PlanGroup.all(plan)
    if plan.refusals.isEmpty, !groups.isEmpty {
      result += table(groups, upTo: room)
      if let disruptions = PlanDisruptions(plan).text(.plain) {
        result += "\nDisrupts: **\(Markdown.escaped(disruptions))**\n"
      }
    }
    for report in plan.guards where report.verdict == .allowed {
      result +=
        "\n- ⚠️ `\(report.which.rawValue)` \(Markdown.escaped(StepText.subject(report.nic, nil))): "
        + "\(Markdown.escaped(GuardText.found(report))); allowed because: **\(Markdown.escaped(report.because ?? ""))**\n"
    }
    for notice in plan.notices {
      result +=
        "\n- `\(notice.code.rawValue)` \(Markdown.escaped(StepText.subject(notice.nic, notice.guest))): "
        + Markdown.escaped(notice.message) + "\n"
    }
    return result
  }

  /// One row for each NIC of a guest or of the host.
  private static func table(_ groups: [PlanGroup], upTo room: Int) -> String {
    var result = "\n| | guest | NIC | address | change | disrupts |\n| --- | --- | --- | --- | --- | --- |\n"
    let rows = groups.flatMap { group in group.lines.map { row($0, of: group.guest) } }
    for (index, row) in rows.enumerated() {
      guard row.utf8.count <= room - result.utf8.count else {
        return result
          + "| | | \(pluralised(rows.count - index, "more NIC")) left out here for length | | | |\n"
      }
      result += row
    }
    return result
  }

  private static func row(_ line: PlanLine, of guest: String?) -> String {
    let changes = [line.function].filter { !$0.isEmpty } + line.changes.map(\.words)
    let isRunning = line.changes.contains { $0.disturbs == .runningGuest }
    let disrupts = [line.disruptsHostNetwork ? "host network" : nil, isRunning ? "running guest" : nil]
    let cells = [
      "`\(line.sign.rawValue)`", Markdown.escaped(guest ?? "host"), Markdown.escaped(line.name),
      line.address.map { "\($0)" } ?? "", Markdown.escaped(changes.joined(separator: ", ")),
      disrupts.compactMap { $0 }.map { "**\($0)**" }.joined(separator: ", "),
    ]
    return "| " + cells.joined(separator: " | ") + " |\n"
  }

  /// What each claim of a pool gets, and why, in a fold.
  private static func members(_ assignments: [Assignment]) -> String {
    guard !assignments.isEmpty else { return "" }
    let new = assignments.count(where: \.isNew)
    let items = assignments.map {
      "- \(Markdown.escaped("\($0.guest) \($0.nic)")): \(Markdown.escaped($0.memberWords))\n"
    }
    return
      "\n<details><summary>Members of pools: \(assignments.count) assigned, \(new) of them new</summary>\n\n"
      + items.joined() + "\n</details>\n"
  }

  /// The findings of the checks that passed, in a second fold.
  private static func checks(_ guards: [GuardReport]) -> String {
    let passed = guards.filter { $0.verdict == .passed }
    guard !passed.isEmpty else { return "" }
    var result = "\n<details><summary>Checks: \(GuardText.counts(guards))</summary>\n\n"
    for nic in GuardText.all(passed) {
      let found = nic.reports.map { "`\($0.which.rawValue)` \(Markdown.escaped(GuardText.found($0)))" }
      result += "- \(Markdown.escaped(nic.name)) \(nic.function): \(found.joined(separator: "; "))\n"
    }
    return result + "\n</details>\n"
  }
}
