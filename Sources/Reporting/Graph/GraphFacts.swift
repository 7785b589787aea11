import HostModel
import Planning

/// The facts about a function in a picture, with the changes of the plan in place of the observed values. The
/// caller makes them printable.
struct GraphFacts {
  /// The role, the interface, the driver and the number of VFs.
  let main: [String]
  /// The link, the IOMMU group and the NUMA node.
  let hardware: [String]
  /// The MAC address and the VLAN.
  let settings: [String]
  /// What the host uses the function for, and the processes that have it open.
  let uses: [String]
  /// The codes of the refusals.
  let refusals: [String]
  private let planned: [String]
  private let isUsedByHost: Bool

  init(_ function: TopologyFunction) {
    refusals = function.refusals
    isUsedByHost = GraphNICState(function, isHeld: false) == .host
    guard function.role != .port, let observed = function.function else {
      main = function.role == .port ? [function.parent == nil ? "root port" : "bridge"] : ["not on this host"]
      (hardware, settings, uses, planned) = ([], [], [], [])
      return
    }
    let changes = function.actions.compactMap { $0.report.graphChange(isNew: function.change == .added) }
    main = Self.main(function, observed, changes)
    hardware = Self.hardware(observed, function)
    planned = changes.compactMap(\.more)
    settings = planned.isEmpty ? Self.settings(observed, isNew: function.change == .added) : planned
    uses = Self.uses(observed)
  }

  var all: [String] { main + hardware + settings + uses + refusals }

  /// The facts for formats that have little room.
  var brief: [String] { main + planned + (isUsedByHost ? ["used by the host"] : []) + refusals }

  private static func main(
    _ function: TopologyFunction, _ observed: PCIFunction, _ changes: [GraphPart]
  ) -> [String] {
    var words: [String] = []
    if !observed.deviceClass.isNetwork { words.append("class \(observed.deviceClass)") }
    if let place = observed.virtualFunction { words.append("VF \(place.index)") }
    if observed.interfaces.isEmpty {
      if let name = observed.remembered?.interface { words.append("(\(name))") }
    } else {
      words.append(observed.interfaces.map(\.label).joined(separator: " "))
    }
    if function.change != .added || !function.actions.isEmpty {
      words.append(changes.lazy.compactMap(\.driver).first ?? "\(Binding(of: observed))")
    }
    if let count = changes.lazy.compactMap(\.vfCount).first {
      words.append(count)
    } else if let sriov = observed.sriov, sriov.count > 0 {
      words.append("\(sriov.count) of \(sriov.total) VFs")
    }
    return words
  }

  /// These facts are unknown for a function that the plan creates. A VF has the NUMA node of its
  /// PF.
  private static func hardware(_ observed: PCIFunction, _ function: TopologyFunction) -> [String] {
    guard function.change != .added else { return [] }
    let isPart = function.role == .virtualFunction && function.parent != nil
    return observed.interfaces.map { $0.isUp == nil ? "link unknown" : $0.linkText }
      + [
        observed.iommuGroup.map { "IOMMU group \($0)" },
        isPart ? nil : observed.numaNode.map { "NUMA node \($0)" },
      ].compactMap { $0 }
  }

  private static func settings(_ observed: PCIFunction, isNew: Bool) -> [String] {
    guard !isNew else { return [] }
    var words = observed.interfaces.compactMap { $0.permanentMAC ?? $0.mac }.map { "MAC \($0)" }
    if case .known(let settings) = observed.virtualFunction?.settings {
      if words.isEmpty, let mac = settings.mac, !mac.isZero { words.append("\(VFSettings(mac: mac))") }
      if let vlan = settings.vlan, vlan != .none { words.append("\(VFSettings(vlan: vlan))") }
    }
    if words.isEmpty, let mac = observed.remembered?.mac { words.append("MAC (\(mac))") }
    return words
  }

  private static func uses(_ observed: PCIFunction) -> [String] {
    let host = observed.interfaces.flatMap { interface in
      switch interface.uses {
      case .known(let uses): uses.map { words($0) }
      case .unavailable(let reason): ["use of \(interface.name) unknown: \(reason)"]
      }
    }
    guard case .known(let holders) = observed.holders else { return unique(host) }
    return unique(host + holders.map { "open in \($0.command) (process \($0.process))" })
  }

  /// The use without its article: `default route (IPv4 by br0)`.
  private static func words(_ use: HostUse) -> String {
    let words = "\(use)"
    return words.hasPrefix("the ") ? String(words.dropFirst("the ".count)) : words
  }
}

extension NetworkInterface {
  /// The state of the link, with its speed where it has one.
  var linkText: String {
    switch (isUp, hasCarrier) {
    case (nil, _): "unknown"
    case (false?, _): "down"
    case (true?, false?): "no link"
    case (true?, true?): speed.map(Self.words) ?? "up"
    case (true?, nil): "up"
    }
  }

  private static func words(_ speed: Int) -> String {
    speed >= 1000 && speed % 1000 == 0 ? "\(speed / 1000) Gbit/s" : "\(speed) Mbit/s"
  }
}

extension GraphPart {
  fileprivate var driver: String? { if case .driver(let words) = self { words } else { nil } }
  fileprivate var vfCount: String? { if case .vfCount(let words) = self { words } else { nil } }
  fileprivate var more: String? { if case .more(let words) = self { words } else { nil } }
}
