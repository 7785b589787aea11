import Glibc
import HostModel
import SystemPackage

/// The interfaces over which the running kernel reaches the peers of SSH sessions. The request is
/// the same as that of `ip route get`, so that the answer follows routing rules and all tables.
struct LiveRoutes {
  private let netlink: Netlink
  /// The interface names of the current namespace, by index.
  private let names: [Int: String]

  init(_ netlink: Netlink, _ names: [Int: String]) {
    self.netlink = netlink
    self.names = names
  }

  /// The route to the peer of a session. A problem is recorded in the result.
  func route(toPeerOf session: SSHSession) -> PeerRoute {
    let connection = session.connection
    let (peer, local) = (connection.peer.address, connection.local.address)
    // A loopback address reaches only this host, and a link-local one only the link of the interface that has
    // it.
    if local.isLoopback || local.isLinkLocal { return PeerRoute() }
    if peer.isLinkLocal {
      if let link = session.peerLink, names.values.contains(link) { return PeerRoute(interfaces: [link]) }
      return PeerRoute(problem: "the interface of the route to \(peer) is unknown")
    }
    var route = PeerRoute()
    do throws(Netlink.Failure) {
      // The table entry is requested only if there is a route.
      for isForEntry in [false, true] where !isForEntry || !route.interfaces.isEmpty {
        for number in try netlink.interfaces(toPeerOf: connection, isForEntry: isForEntry) {
          guard let name = names[number] else { throw .malformed }
          if !route.interfaces.contains(name) { route.interfaces.append(name) }
        }
      }
    } catch { route.problem = "cannot read the route from \(local) to \(peer): \(error)" }
    return route
  }
}
