import Documents
import HostModel
import Manifests
import Planning

/// The texts of a topology, the same in each format. All of them are printable.
struct GraphLabels {
  let topology: Topology

  static let legend: [(change: PlannedChange, text: String)] = [
    (.added, "added"), (.removed, "removed"), (.changed, "changed"), (.refused, "refused"),
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

  /// The most important facts about the function in one line.
  static func detail(_ function: TopologyFunction) -> String {
    printable(GraphFacts(function).brief.joined(separator: " · "))
  }

  /// All known facts about the function in one line.
  static func whole(_ function: TopologyFunction) -> String {
    let facts = GraphFacts(function)
    return ([title(function)] + facts.all + [function.function?.name].compactMap { $0 })
      .map { printable($0) }.joined(separator: " · ")
  }

  static func title(_ guest: TopologyGuest) -> String { printable(guest.manager.name) }

  static func detail(_ guest: TopologyGuest) -> String {
    let run =
      switch guest.run {
      case .known(.unknown): "unknown state"
      case .known(let state?): state.words
      case .known(nil): "not defined"
      case .unavailable(let reason): "unknown: \(reason)"
      }
    return printable(([guest.name.map { "guest/\($0)" }, run].compactMap { $0 }).joined(separator: " · "))
  }

  /// The name of the NIC in the guest, the pool that it is from, and which of definition and running guest has
  /// it if only one of them does.
  func label(_ holding: TopologyHolding) -> String {
    let guest = topology.guests[holding.guest]
    if let network = holding.network { return printable("libvirt network \(network)") }
    let from = holding.assignment.map { " from \($0.brief)" } ?? ""
    var words = [(holding.nic ?? "not by pcipass") + from]
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

  /// The notes below the picture: refusals, unknown parts and omitted parts.
  var notes: [String] {
    var notes = topology.refusals.map { refusal in
      let subject = StepText.subject(refusal.nic, refusal.guest)
      return "✗ " + (subject.isEmpty ? "" : subject + ": ")
        + printable("\(refusal.message) [\(refusal.code.rawValue)]")
    }
    notes += unique(topology.unknown).map { "The devices of some guests are unknown: \(printable($0))" }
    if topology.left > 0 { notes.append("\(pluralised(topology.left, "function")) left out here") }
    return notes
  }
}
