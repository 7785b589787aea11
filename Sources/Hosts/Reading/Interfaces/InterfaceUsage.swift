import HostModel

/// The uses of the interfaces of functions by the host.
struct InterfaceUsage {
  private let graph: NetworkGraph
  private let sessions: [String: [SSHSessions.CarriedSession]]
  /// Why uses may be missing; nil if none can be.
  private let problem: String?
  private let permanence: PermanentMACSource

  /// The meaning of a missing permanent MAC address.
  enum PermanentMACSource {
    /// The kernel reported none, so there is none.
    case told
    /// ip(8) prints the permanent address only if it differs from the current one, so they are the same. With
    /// Linux before 5.6, which does not report it, nothing follows.
    case printedIfDifferent(isReportedByKernel: Bool)

    static func captured(_ release: String?) -> PermanentMACSource {
      let numbers = (release ?? "").split(separator: ".", maxSplits: 2)
        .map { Int($0.prefix { $0.isASCII && $0.isNumber }) ?? 0 }
      return .printedIfDifferent(isReportedByKernel: numbers.count >= 2 && (numbers[0], numbers[1]) >= (5, 6))
    }
  }

  init(_ graph: NetworkGraph, _ sessions: SSHSessions, _ permanence: PermanentMACSource) {
    self.graph = graph
    self.permanence = permanence
    let carried = sessions.carried(by: graph.own)
    self.sessions = carried.sessions
    // The SSH session comes first, because an error there would disconnect the operator.
    let session = carried.problem.map { "this SSH session may use it: \($0)" }
    problem = graph.interfaces.isEmpty ? graph.problem ?? session : session ?? graph.problem
  }

  /// The interfaces of a function in the current network namespace, then those in others.
  func interfaces(_ read: [InterfaceRecord], of address: PCIAddress) -> [NetworkInterface] {
    read.map { interface($0) } + (graph.moved[address] ?? []).map { interface($0) }
  }

  private func interface(_ read: InterfaceRecord) -> NetworkInterface {
    let node = NetworkGraph.InterfaceID(name: read.name)
    let problem = read.uppers == nil ? "cannot read the upper interfaces of \(read.name)" : nil
    return NetworkInterface(
      name: read.name, altnames: graph.interfaces[node]?.altnames ?? [], mac: read.mac,
      permanentMAC: permanentMAC(read, graph.interfaces[node]),
      isUp: read.isUp,
      hasCarrier: read.hasCarrier, speed: read.speed, uses: uses(of: node, problem),
      remarks: graph.interfaces[node]?.remarks ?? [])
  }

  private func interface(_ moved: MovedInterface) -> NetworkInterface {
    let (link, label) = (moved.link, graph.labels[moved.node.namespace])
    let use = HostUse(.namespace, link.name, namespace: label)
    let uses = uses(of: moved.node, nil)
    return NetworkInterface(
      name: isInterfaceName(link.name) ? link.name : "#\(link.index)", altnames: link.altnames,
      namespace: label,
      mac: link.mac,
      permanentMAC: link.permanentMAC, isUp: link.isUp,
      hasCarrier: link.hasCarrier, uses: .known((uses.value ?? []) + [use]),
      remarks: graph.interfaces[moved.node]?.remarks ?? [])
  }

  private func permanentMAC(_ read: InterfaceRecord, _ found: NetworkGraph.Interface?) -> MACAddress? {
    if read.addressType == .permanent { return read.mac }
    if let mac = found?.permanentMAC { return mac }
    // The address was set and is not shown as different, so it was set to the permanent one, as a bond does
    // with its first member.
    if found != nil, case .printedIfDifferent(isReportedByKernel: true) = permanence, read.addressType == .set
    {
      return read.mac
    }
    return nil
  }

  private func uses(of root: NetworkGraph.InterfaceID, _ problem: String?) -> Observed<[HostUse]> {
    var (defaults, addresses, others, stacked): ([HostUse], [HostUse], [HostUse], [HostUse]) = (
      [], [], [], []
    )
    var carried: [(carried: SSHSessions.CarriedSession, place: String)] = []
    var (queue, seen) = ([root], Set([root]))
    var next = 0
    while next < queue.count {
      let node = queue[next]
      next += 1
      let interface = graph.interfaces[node] ?? NetworkGraph.Interface()
      let label = graph.labels[node.namespace]
      func here(_ use: HostUse) -> HostUse { HostUse(use.kind, use.detail, namespace: label) }
      let place = node == root ? "" : " on \(node.name)"
      if node.namespace == 0 { carried += (sessions[node.name] ?? []).map { ($0, place) } }
      defaults += interface.uses.filter { $0.kind == .defaultRoute }.map(here)
      others += interface.uses.filter { $0.kind != .defaultRoute }.map(here)
      addresses += interface.addresses.map { here(HostUse(.address, $0 + place)) }
      if node != root { stacked.append(here(HostUse(interface.kind ?? .upper, node.name))) }
      for upper in interface.uppers where seen.insert(upper).inserted { queue.append(upper) }
    }
    let uses = Self.sessionUses(carried) + defaults + addresses + others + stacked
    // A use that was found is certain, even if other sources could not be read. If none was found, the
    // problem decides.
    if let problem = problem ?? self.problem, uses.isEmpty { return .unavailable(problem) }
    return .known(uses)
  }

  /// One use for each session. A session whose local address is on these interfaces is not listed
  /// again for the route to its peer.
  private static func sessionUses(_ found: [(carried: SSHSessions.CarriedSession, place: String)])
    -> [HostUse]
  {
    var uses: [HostUse] = []
    var named: Set<TCPConnection> = []
    for (carried, place) in found where !carried.isByRoute {
      let connection = carried.session.connection
      named.insert(connection)
      uses.append(HostUse(.sshSession, "\(connection)" + place))
    }
    for (carried, place) in found where carried.isByRoute {
      let connection = carried.session.connection
      guard named.insert(connection).inserted else { continue }
      uses.append(HostUse(.sshSession, "\(connection), by the route to its peer" + place))
    }
    return uses
  }
}
