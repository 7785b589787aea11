import Glibc
import HostModel
import SystemPackage

/// By which interfaces the running kernel reaches the peer of an SSH session. It is asked over rtnetlink(7), as `ip route
/// get` does: its answer follows rules and all tables, of which `/proc/net/route` shows one.
enum LiveRoutes {
  /// Of NETLINK_ROUTE, in `linux/netlink.h`.
  private static let routeProtocol: CInt = 0
  private static let capacity = 64 << 10

  static func route(toPeerOf session: SSHSession) -> PeerRoute {
    let connection = session.connection
    let (peer, local) = (connection.peer.address, connection.local.address)
    // It reaches no further than this host, or than the link of the interface that has the address.
    if local.isLoopback || local.isLinkLocal { return PeerRoute() }
    if peer.isLinkLocal {
      if let link = session.peerLink, if_nametoindex(link) != 0 { return PeerRoute(interfaces: [link]) }
      return PeerRoute(problem: "which interface \(peer) is reached by is not known")
    }
    var route = PeerRoute()
    do {
      let channel = OpenFile(
        adopting: try retrying {
          socket(AF_NETLINK, CInt(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), routeProtocol)
        })
      // Where there is no route, its entry is not asked for.
      for isForEntry in [false, true] where !isForEntry || !route.interfaces.isEmpty {
        for number in try ask(connection, channel, isForEntry: isForEntry) {
          let name = try name(of: number)
          if !route.interfaces.contains(name) { route.interfaces.append(name) }
        }
      }
    } catch { route.problem = "the route to \(peer) from \(local): \(error)" }
    return route
  }

  private static func ask(
    _ connection: TCPConnection, _ channel: borrowing OpenFile, isForEntry: Bool
  ) throws(Errno) -> [UInt32] {
    let number: UInt32 = isForEntry ? 2 : 1
    let question = RouteMessage.question(of: connection, isForEntry: isForEntry, number: number)
    // Without a receiver it goes to the kernel, which has answered when the call returns.
    let sent = try retrying { send(channel.descriptor, question, question.count, 0) }
    guard sent == question.count else { throw .badMessage }
    var answer = [UInt8](repeating: 0, count: capacity)
    let flags = CInt(MSG_DONTWAIT | MSG_TRUNC)
    let count = try retrying { recv(channel.descriptor, &answer, capacity, flags) }
    guard count <= capacity else { throw .messageTooLong }
    guard let found = try RouteMessage.interfaces(in: Array(answer.prefix(count)), number: number) else {
      throw .badMessage
    }
    return found
  }

  private static func name(of number: UInt32) throws(Errno) -> String {
    var text = [CChar](repeating: 0, count: Int(IF_NAMESIZE) + 1)
    guard if_indextoname(number, &text) != nil else { throw Errno(rawValue: errno) }
    let name = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard isInterfaceName(name) else { throw .badMessage }
    return name
  }
}
