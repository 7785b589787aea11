import Documents
import HostModel
import Manifests
import Planning

/// The texts of a topology, the same in each format. All of them are printable.
struct GraphLabels {
  let topology: Topology

  static let legend: [(change: PlannedChange, text: String)] = [
    (.added, "comes"), (.removed, "goes"), (.changed, "changes"), (.refused, "refused"),
  ]

  /// The entries of the legend that occur in this topology.
  var legend: [(change: PlannedChange, text: String)] {
    let used = Set(topology.functions.map(\.change) + topology.holdings.map(\.change))
    return Self.legend.filter { used.contains($0.change) }
  }

  static func sign(_ change: PlannedChange) -> String {
    switch change {
    case .added: "+"
    case .removed: "-"
    case .changed: "~"
    case .refused: "✗"
    }
  }

  static func signed(_ change: PlannedChange?, _ text: String) -> String {
    change.map { sign($0) + (text.isEmpty ? "" : " ") + text } ?? text
  }

  /// An identifier of letters, digits and `_`, which every format accepts.
  static func id(_ address: PCIAddress) -> String {
    "f_" + String(address.description.map { $0.isLetter || $0.isNumber ? $0 : "_" })
  }

  static func id(guest: Int) -> String { "g\(guest)" }

  static func title(_ function: TopologyFunction) -> String {
    function.address.description + (function.reference.map { " \($0)" } ?? "")
  }

  static func detail(_ function: TopologyFunction) -> String {
    printable(parts(function).joined(separator: " · "))
  }

  private static func parts(_ function: TopologyFunction) -> [String] {
    if function.role == .port { return [function.parent == nil ? "root port" : "bridge"] }
    let refusals = function.refusals
    guard let observed = function.function else { return ["not on this host"] + refusals }
    var words: [String] = []
    if !observed.deviceClass.isNetwork { words.append("class \(observed.deviceClass)") }
    if let place = observed.virtualFunction { words.append("VF \(place.index)") }
    if observed.interfaces.isEmpty {
      if let name = observed.remembered?.interface { words.append("(\(name))") }
    } else {
      words.append(observed.interfaces.map(\.label).joined(separator: " "))
    }
    let changes = function.actions.compactMap { $0.report.graphChange(isNew: function.change == .added) }
    if function.change != .added || !function.actions.isEmpty {
      words.append(changes.lazy.compactMap(\.driver).first ?? "\(Binding(of: observed))")
    }
    if let count = changes.lazy.compactMap(\.vfCount).first {
      words.append(count)
    } else if let sriov = observed.sriov, sriov.count > 0 {
      words.append("\(sriov.count) of \(sriov.total) VFs")
    }
    return words + changes.compactMap(\.more) + refusals
  }

  /// All known facts about the function in one line.
  static func whole(_ function: TopologyFunction) -> String {
    let summary = function.role == .port ? nil : function.function?.summary
    return [title(function), detail(function), summary].compactMap { $0 }.map { printable($0) }
      .joined(separator: ": ")
  }

  static func title(_ guest: TopologyGuest) -> String { printable(guest.manager.name) }

  static func detail(_ guest: TopologyGuest) -> String {
    let run =
      switch guest.run {
      case .known(.running): "running"
      case .known(.paused): "paused"
      case .known(.shutoff): "shut off"
      case .known(.crashed): "crashed"
      case .known(.unknown): "unknown state"
      case .known(nil): "not defined"
      case .unavailable(let reason): "unknown: \(reason)"
      }
    return printable(([guest.name.map { "guest/\($0)" }, run].compactMap { $0 }).joined(separator: " · "))
  }

  /// The name of the NIC in the guest, and where the guest has it if that is only one of definition and
  /// running guest.
  func label(_ holding: TopologyHolding) -> String {
    let guest = topology.guests[holding.guest]
    if let network = holding.network { return printable("libvirt network \(network)") }
    var words = [holding.nic ?? "not by pcipass"]
    let parts = holding.after.isEmpty ? holding.before : holding.after
    if guest.manager.traits.hasDefinition {
      if parts == [.persistent], guest.run.value != .shutoff { words.append("defined only") }
      if parts == [.live] { words.append("not in its definition") }
    }
    return printable(words.joined(separator: ", "))
  }

  /// The text for an empty topology; nil where there is something to draw.
  var nothing: String? {
    guard topology.functions.isEmpty, topology.refusals.isEmpty else { return nil }
    return topology.isPlanned ? "No changes." : "No NICs."
  }

  /// The notes beside the picture: refusals, and what is unknown or left out.
  var notes: [String] {
    var notes = topology.refusals.map { refusal in
      let subject = StepText.subject(refusal.nic, refusal.guest)
      return "✗ " + (subject.isEmpty ? "" : subject + ": ")
        + printable("\(refusal.message) [\(refusal.code.rawValue)]")
    }
    notes += unique(topology.unknown).map { "What some guests have is not known: \(printable($0))" }
    if topology.left > 0 { notes.append("\(pluralised(topology.left, "function")) left out here") }
    return notes
  }
}

extension GraphPart {
  fileprivate var driver: String? { if case .driver(let words) = self { words } else { nil } }
  fileprivate var vfCount: String? { if case .vfCount(let words) = self { words } else { nil } }
  fileprivate var more: String? { if case .more(let words) = self { words } else { nil } }
}
