import Glibc
import HostModel
import SystemPackage

/// By which interfaces the running kernel reaches the peer of an SSH session. It is asked as `ip route get` does: its answer
/// follows rules and all tables.
struct LiveRoutes {
  private let netlink: Netlink
  /// By their numbers.
  private let names: [Int: String]

  init(_ netlink: Netlink, _ names: [Int: String]) {
    self.netlink = netlink
    self.names = names
  }

  func route(toPeerOf session: SSHSession) -> PeerRoute {
    let connection = session.connection
    let (peer, local) = (connection.peer.address, connection.local.address)
    // It reaches no further than this host, or than the link of the interface that has the address.
    if local.isLoopback || local.isLinkLocal { return PeerRoute() }
    if peer.isLinkLocal {
      if let link = session.peerLink, names.values.contains(link) { return PeerRoute(interfaces: [link]) }
      return PeerRoute(problem: "which interface \(peer) is reached by is not known")
    }
    var route = PeerRoute()
    do throws(Netlink.Failure) {
      // Where there is no route, its entry is not asked for.
      for isForEntry in [false, true] where !isForEntry || !route.interfaces.isEmpty {
        for number in try netlink.interfaces(toPeerOf: connection, isForEntry: isForEntry) {
          guard let name = names[number] else { throw .senseless }
          if !route.interfaces.contains(name) { route.interfaces.append(name) }
        }
      }
    } catch { route.problem = "the route to \(peer) from \(local): \(error)" }
    return route
  }
}
