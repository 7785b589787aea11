import Documents
import HostModel
import Manifests
import Planning

/// One group of a plan as text: its name, a line for each NIC in columns, and the reasons.
struct PlanGroupText {
  private let style: Style
  private let detail: DetailLevel
  private let nameWidth: Int
  private let addressWidth: Int
  private let functionWidth: Int

  /// The reasons of a group that are shown without `-v`.
  private static let mostReasons = 2

  /// - Parameter groups: all groups of the plan, which share their columns.
  init(style: Style, detail: DetailLevel, of groups: [PlanGroup]) {
    self.style = style
    self.detail = detail
    let lines = groups.flatMap(\.lines)
    nameWidth = lines.map { textWidth(printable($0.name)) }.max() ?? 0
    addressWidth = lines.map { textWidth($0.address?.description ?? "") }.max() ?? 0
    functionWidth = lines.map { textWidth($0.function) }.max() ?? 0
  }

  func text(_ group: PlanGroup) -> String {
    var result = "  " + title(group) + "\n"
    for line in group.lines {
      var cells: [String] = []
      if let address = line.address {
        cells = [padded(printable(line.name), to: nameWidth), padded("\(address)", to: addressWidth)]
        if functionWidth > 0 { cells.append(padded(line.function, to: functionWidth)) }
      }
      cells.append(changes(line))
      let text = cells.joined(separator: "  ")
      result += "    " + style.sign(line.sign) + " " + text.trimmingEnd + "\n"
    }
    return result + reasons(group)
  }

  private func title(_ group: PlanGroup) -> String {
    guard let guest = group.guest else { return style.bold("host") }
    var remarks: [String] = []
    if let manager = group.manager, manager.name != guest, manager.traits.hasDefinition || detail == .verbose
    {
      remarks.append("\(manager.traits.hasDefinition ? "domain" : "socket") \(printable(manager.name))")
    }
    if let run = group.run { remarks.append(run.words) }
    return style.bold("guest \(printable(guest))")
      + (remarks.isEmpty ? "" : " (" + remarks.joined(separator: ", ") + ")")
  }

  /// The changes other than those of the function itself, coloured by what they disturb.
  private func changes(_ line: PlanLine) -> String {
    var words = line.changes.map { change in
      switch change.disturbs {
      case .nothing: change.words
      case .hostNetwork: style.red(change.words)
      case .runningGuest: style.yellow(change.words)
      }
    }
    if line.disruptsHostNetwork { words.append(style.red("disrupts the host network")) }
    return words.joined(separator: ", ")
  }

  private func reasons(_ group: PlanGroup) -> String {
    // With -v each step of the list has its reason.
    guard detail != .verbose else { return "" }
    let reasons = group.reasons
    let origin = reasons.first?.origin.map { "  " + printable($0) } ?? ""
    return group.choices.reduce(into: dimmed(reasons.map(\.because), origin)) {
      $0 += "        " + style.dim(printable("\($1.nic): \($1.memberWords)")) + "\n"
    }
  }

  private func dimmed(_ reasons: [String], _ origin: String) -> String {
    guard !reasons.isEmpty else { return "" }
    let left = reasons.count - Self.mostReasons
    let shown = reasons.prefix(Self.mostReasons).map { printable($0) }.joined(separator: "; ")
    return "        " + style.dim(shown + (left > 0 ? "; \(left) more with -v" : "") + origin) + "\n"
  }

  private func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(width - textWidth(text), 0))
  }
}

extension String {
  /// The text without the spaces at its end.
  fileprivate var trimmingEnd: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
