import Files
import Glibc
import HostModel

/// Reads the uses of the interfaces.
extension LiveNetworkReader {
  /// Reads the addresses and uses of these interfaces into the graph. In the current namespace the
  /// addresses of all interfaces are read.
  mutating func readInterfaces(_ indexes: Set<Int>, of number: UInt64) {
    guard let namespace = namespaces[number] else { return }
    let all = number == Self.own ? Set(namespace.links.keys) : indexes
    for index in all {
      guard let link = namespace.links[index] else { continue }
      var interface = NetworkGraph.Interface()
      interface.kind = link.kind.flatMap { HostUse.Kind(linkKind: $0) }
      interface.permanentMAC = link.permanentMAC
      interface.altnames = link.altnames
      interface.uppers = (uppers[InterfaceKey(namespace: number, index: index)] ?? []).map(node).sorted {
        ($0.namespace, $0.name) < ($1.namespace, $1.name)
      }
      if link.hasXDP { interface.uses.append(HostUse(.xdp, "a program on \(link.name)")) }
      graph.interfaces[node(InterfaceKey(namespace: number, index: index))] = interface
    }
    do throws(Netlink.Failure) {
      try readUses(indexes, namespace, number)
    } catch {
      // The namespace ended in the meantime, and its interfaces with it.
      if number != Self.own, error.isGone { return }
      fail(
        "cannot read the addresses and routes of \(graph.labels[number].map { "the network namespace \($0)" } ?? "the host"): \(error)"
      )
    }
  }

  private mutating func readUses(
    _ indexes: Set<Int>, _ namespace: Namespace, _ number: UInt64
  ) throws(Netlink.Failure) {
    let nodes = namespace.links.mapValues { NetworkGraph.InterfaceID(namespace: number, name: $0.name) }
    for record in try namespace.netlink.addresses() {
      if let node = nodes[record.index] { graph.interfaces[node]?.add(record.address, length: record.length) }
    }
    guard !indexes.isEmpty else { return }
    try readRoutes(by: indexes.filter { namespace.links[$0]?.isUp ?? false }, namespace.netlink, nodes)
    for index in try namespace.netlink.interfacesWithXDPSockets() {
      if let node = nodes[index] { use(node, HostUse(.xdp, "sockets on \(node.name)")) }
    }
    var sessions: [(interface: String, use: HostUse)] = []
    try namespace.netlink.lines(of: PPPoESessions.file) { line in
      if let session = PPPoESessions.use(line) { sessions.append(session) }
    }
    for session in sessions {
      use(NetworkGraph.InterfaceID(namespace: number, name: session.interface), session.use)
    }
    try readRemarks(namespace.netlink, nodes)
  }

  private mutating func use(_ node: NetworkGraph.InterfaceID, _ use: HostUse) {
    graph.interfaces[node]?.uses.append(use)
  }

  private mutating func readRoutes(
    by indexes: Set<Int>, _ netlink: Netlink, _ nodes: [Int: NetworkGraph.InterfaceID]
  ) throws(Netlink.Failure) {
    var initial: [Int: RouteUses] = [:]
    for index in indexes {
      guard let node = nodes[index], let interface = graph.interfaces[node] else { continue }
      initial[index] = RouteUses(by: node.name, addresses: interface.addresses)
    }
    let routes = try netlink.routes(by: indexes, into: initial) { uses, record in
      for index in record.interfaces { uses[index]?.add(RouteUses.Route(record)) }
    }
    for (index, uses) in routes {
      if let node = nodes[index] { graph.interfaces[node]?.uses += uses.uses }
    }
  }

  /// Records remarks: packet sockets and tc redirects, which do not prevent the assignment of a NIC.
  private mutating func readRemarks(
    _ netlink: Netlink, _ nodes: [Int: NetworkGraph.InterfaceID]
  ) throws(Netlink.Failure) {
    var sockets: [Int: Int] = [:]
    try netlink.lines(of: "packet") { line in
      // The fields are sk, RefCnt, Type, Proto, Iface, R, Rmem, User and Inode (Linux,
      // net/packet/af_packet.c).
      let fields = line.fields
      if fields.count > 4, let index = fields[4].decimal, index > 0 { sockets[index, default: 0] += 1 }
    }
    for (index, count) in sockets {
      guard let node = nodes[index] else { continue }
      remark(node, "\(count) packet socket\(count == 1 ? "" : "s") on \(node.name)")
    }
    for redirect in try netlink.redirects() {
      guard let from = nodes[redirect.from] else { continue }
      for to in redirect.to.compactMap({ nodes[$0] }) {
        for node in Set([from, to]) { remark(node, "a tc filter of \(from.name) sends to \(to.name)") }
      }
    }
  }

  private mutating func remark(_ node: NetworkGraph.InterfaceID, _ words: String) {
    if graph.interfaces[node]?.remarks.contains(words) == false {
      graph.interfaces[node]?.remarks.append(words)
    }
  }
}

extension RouteUses.Route {
  /// RT_TABLE_MAIN and RTPROT_KERNEL.
  private static let (main, kernel): (UInt32, UInt8) = (254, 2)
  /// RTN_LOCAL, RTN_BROADCAST, RTN_ANYCAST and RTN_MULTICAST.
  private static let localOrBroadcast: ClosedRange<UInt8> = 2...5

  init(_ record: RouteRecord) {
    self.init(
      version: record.destination.family == UInt8(AF_INET) ? 4 : 6, destination: record.destination.address,
      length: record.destination.length, table: record.table == Self.main ? nil : record.table,
      isKernelRoute: record.origin == Self.kernel,
      isLocalOrBroadcast: Self.localOrBroadcast.contains(record.type))
  }
}
