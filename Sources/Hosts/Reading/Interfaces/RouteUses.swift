import HostModel

/// Collects the routes over an interface and describes them as uses. There may be a million routes, so only a
/// few of them are kept.
struct RouteUses {
  /// A route, from rtnetlink or from a captured table.
  struct Route: Hashable {
    /// 4 or 6.
    var version: Int
    /// Nil for an address of zeros.
    var destination: IPAddress?
    var length: Int
    /// Nil for the main table.
    var table: UInt32?
    /// Whether the kernel added it because the interface is up or has an address.
    var isKernelRoute: Bool
    /// Whether its type is RTN_LOCAL, RTN_BROADCAST, RTN_ANYCAST or RTN_MULTICAST.
    var isLocalOrBroadcast = false
  }

  private static let maximumNamed = 3

  private let name: String
  /// The networks of the addresses. The addresses already stand for the kernel's routes to them.
  private let networks: [AddressPrefix]
  private var defaults: Set<Route> = []
  /// The first routes in sort order: one more than are named, which shows that there are more.
  private var others: [Route] = []

  /// - Parameter addresses: the addresses of the interface, with prefix lengths.
  init(by name: String, addresses: [String]) {
    self.name = name
    networks = addresses.compactMap { AddressPrefix($0) }
  }

  /// Adds a route, unless it exists only because the interface is up.
  mutating func add(_ route: Route) {
    if isImplied(route) { return }
    if route.length == 0 {
      defaults.insert(route)
      return
    }
    let index = others.firstIndex { route.order < $0.order } ?? others.count
    guard index <= Self.maximumNamed, !others.contains(route) else { return }
    others.insert(route, at: index)
    if others.count > Self.maximumNamed + 1 { others.removeLast() }
  }

  /// The default routes as one use each, and the others as one use together.
  var uses: [HostUse] {
    var uses: [HostUse] = []
    for route in defaults.sorted(by: { $0.order < $1.order }) {
      let use = HostUse(.defaultRoute, "IPv\(route.version) by \(name)" + route.place)
      if !uses.contains(use) { uses.append(use) }
    }
    guard !others.isEmpty else { return uses }
    let named = others.prefix(Self.maximumNamed).map { route in
      "\(route.destination.map { "\($0)" } ?? "::")/\(route.length)" + route.place
    }
    let more = others.count > Self.maximumNamed ? " and more" : ""
    return uses + [HostUse(.route, named.joined(separator: " and ") + more + " by \(name)")]
  }

  /// Whether the route exists only because the interface is up or has an address, so that it is not a use.
  private func isImplied(_ route: Route) -> Bool {
    guard route.isKernelRoute else { return false }
    if route.isLocalOrBroadcast { return true }
    guard route.length > 0, let destination = route.destination else { return false }
    if destination.isLinkLocal || destination.isMulticast { return true }
    return networks.contains { $0.covers(destination) }
  }

  /// The network that an address is in.
  private struct AddressPrefix {
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
