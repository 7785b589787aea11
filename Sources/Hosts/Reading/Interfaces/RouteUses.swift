import HostModel

/// What routes by an interface are in words. There may be a million: what is kept of them does not grow.
struct RouteUses {
  /// A route as any source tells of it.
  struct Route: Hashable {
    /// 4 or 6.
    var version: Int
    /// Nil is all zeros.
    var destination: IPAddress?
    var length: Int
    /// Nil is the main one.
    var table: UInt32?
    /// The kernel's own, there because the interface is up or has an address.
    var isKernels: Bool
    /// To this host itself, or to all: RTN_LOCAL, RTN_BROADCAST, RTN_ANYCAST, RTN_MULTICAST.
    var isOfHost = false
  }

  private static let mostNamed = 3

  private let name: String
  /// The routes to these are told by the addresses.
  private let networks: [Network]
  private var defaults: Set<Route> = []
  /// The first in an order of their own, one more than are named, which tells that there are more.
  private var others: [Route] = []

  /// - Parameter addresses: of the interface, with their lengths.
  init(by name: String, addresses: [String]) {
    self.name = name
    networks = addresses.compactMap { Network($0) }
  }

  mutating func add(_ route: Route) {
    if isNone(route) { return }
    if route.length == 0 {
      defaults.insert(route)
      return
    }
    let index = others.firstIndex { route.order < $0.order } ?? others.count
    guard index <= Self.mostNamed, !others.contains(route) else { return }
    others.insert(route, at: index)
    if others.count > Self.mostNamed + 1 { others.removeLast() }
  }

  var uses: [HostUse] {
    var uses: [HostUse] = []
    for route in defaults.sorted(by: { $0.order < $1.order }) {
      let use = HostUse(.defaultRoute, "IPv\(route.version) by \(name)" + route.place)
      if !uses.contains(use) { uses.append(use) }
    }
    guard !others.isEmpty else { return uses }
    let named = others.prefix(Self.mostNamed).map { route in
      "\(route.destination.map { "\($0)" } ?? "::")/\(route.length)" + route.place
    }
    let more = others.count > Self.mostNamed ? " and more" : ""
    return uses + [HostUse(.route, named.joined(separator: " and ") + more + " by \(name)")]
  }

  /// Whether the route is there because the interface is up.
  private func isNone(_ route: Route) -> Bool {
    guard route.isKernels else { return false }
    if route.isOfHost { return true }
    guard route.length > 0, let destination = route.destination else { return false }
    if destination.isLinkLocal || destination.isMulticast { return true }
    return networks.contains { $0.covers(destination) }
  }

  /// The network of an address.
  private struct Network {
    let address: IPAddress
    let length: Int

    init?(_ text: String) {
      let parts = text.split(separator: "/")
      guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]) else {
        return nil
      }
      (self.address, self.length) = (address, length)
    }

    func covers(_ other: IPAddress) -> Bool { address.shares(length, with: other) }
  }
}

extension RouteUses.Route {
  fileprivate var place: String { table.map { ", table \($0)" } ?? "" }

  fileprivate var order: (Int, UInt32, IPAddress, Int) {
    (version, table ?? 0, destination ?? .zero, length)
  }
}
