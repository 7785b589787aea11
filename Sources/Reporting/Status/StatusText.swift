import Documents
import Execution
import Files
import HostModel
import Planning

/// The status of a host as text for a terminal.
public struct StatusText {
  private let style: Style
  private let width: Int?

  /// - Parameter width: the width of the terminal in columns; nil means no limit.
  public init(style: Style, width: Int? = nil) {
    self.style = style
    self.width = width
  }

  /// The state of the host, tables of its NICs and guests, and what differs, NIC by NIC.
  public func text(_ report: StatusReport) -> String {
    TextWrap(width: width).text(wideText(report), hanging: "    ")
  }

  private func wideText(_ report: StatusReport) -> String {
    let status = report.status
    var result = "\(style.bold(printable(status.host))): \(colored(status.state))\n"
    let shown = status.nics.filter(\.isListed)
    if !shown.isEmpty { result += "\n" + table(shown, report) }
    let left = status.nics.count - shown.count
    if left > 0 { result += "and \(rest(status.nics)) that no guest claims\n" }
    if !status.guests.isEmpty { result += "\n" + table(status.guests) }
    if !status.pools.isEmpty { result += "\n" + PoolText.table(status.pools, style, width: width) }
    for nic in shown { result += text(nic, report) }
    result += text(status.rest, of: DriftMemory.host, report, heading: "host")
    return result + runs(report)
  }

  /// The NICs that the table does not list, in words.
  private func rest(_ nics: [NICStatus]) -> String {
    let left = nics.filter { !$0.isListed }
    let parts = left.count { nic in nic.isVirtualFunction }
    return [(parts, "VF"), (left.count - parts, "port")].filter { $0.0 > 0 }
      .map { pluralised($0.0, $0.1) }.joined(separator: " and ")
  }

  private func table(_ nics: [NICStatus], _ report: StatusReport) -> String {
    var table = TextTable([
      .init(title: "NIC"), .init(title: "ADDRESS"), .init(title: "GUEST"),
      .init(title: "GUEST NIC", dropOrder: 2), .init(title: "FROM", dropOrder: 3),
      .init(title: "STATE"), .init(title: "SINCE", dropOrder: 1),
    ])
    for nic in nics {
      let since = report.memory?.since(nic.findings, of: nic.subject).map { "\($0)" }
      table.add([
        nic.name ?? "-", nic.function.map { "\($0)" } ?? "-", nic.guest ?? "-", nic.guestNIC ?? "-",
        nic.assignment?.brief ?? "", nic.state.words, since ?? "",
      ])
    }
    return table.text(style, width: width)
  }

  private func table(_ guests: [GuestStatus]) -> String {
    var table = TextTable([.init(title: "GUEST"), .init(title: "RUN"), .init(title: "STATE")])
    for guest in guests { table.add([guest.name, guest.found.presence.run.words, guest.state.words]) }
    return table.text(style, width: width)
  }

  private func text(_ nic: NICStatus, _ report: StatusReport) -> String {
    let subject = [printable(nic.subject), nic.guest.map { printable("guest/\($0)") }].compactMap { $0 }
    let origin = nic.origin.map { "  " + style.dim(printable($0)) } ?? ""
    return text(
      nic.findings, of: nic.subject, report, heading: subject.joined(separator: " ") + origin, nic.assignment)
  }

  private func text(
    _ findings: StatusFindings, of subject: String, _ report: StatusReport, heading: String,
    _ assignment: Assignment? = nil
  ) -> String {
    guard !findings.isEmpty else { return "" }
    func since(_ moment: Timestamp?) -> String { moment.map { "; since \($0)" } ?? "" }
    var result = "\n\(heading):\n"
    if let assignment { result += "  \(printable(assignment.words))\n" }
    for difference in findings.differences {
      result += "  \(text(difference))\(since(report.memory?.since(difference, of: subject)))\n"
    }
    for refusal in findings.refusals {
      result += text(refusal, since(report.memory?.since(refusal, of: subject)))
    }
    for notice in findings.notices {
      result += "  \(style.yellow("note:")) \(printable(notice.message)) [\(notice.code.rawValue)]\n"
    }
    return result
  }

  func text(_ difference: Difference) -> String {
    "\(style.yellow(printable(difference.label))): is \(printable(difference.observed)), "
      + "should be \(printable(difference.desired)) (\(printable(difference.because)))"
  }

  func text(_ refusal: Refusal, _ since: String = "") -> String {
    let word = refusal.code == .unavailable ? "unknown:" : "blocked:"
    var result =
      "  \(style.red(word)) \(printable(refusal.message)) [\(refusal.code.rawValue)]\(since)\n"
    for detail in refusal.details { result += "      \(printable(detail))\n" }
    if let help = refusal.help { result += "    help: \(printable(help))\n" }
    return result
  }

  private func runs(_ report: StatusReport) -> String {
    guard let runs = report.runs else { return "" }
    guard let last = runs.lastApply, let outcome = report.outcome else {
      return "\nNo apply is recorded for this host.\n"
    }
    return "\nLast: \(last.name) of \(last.began), by \(printable(last.header.by)): \(printable(outcome))\n"
  }

  private func colored(_ state: SyncState) -> String {
    switch state {
    case .inSync: style.green(state.words)
    case .drifted: style.yellow(state.words)
    case .blocked, .unknown: style.red(state.words)
    }
  }
}
