import Glibc
import SystemPackage

/// By which route the kernel sends to a peer (RTM_GETROUTE; Linux, net/ipv4/route.c and net/ipv6/route.c).
extension Netlink {
  private enum Attribute {
    static let (destination, source): (UInt16, UInt16) = (1, 2)
    static let (`protocol`, sourcePort, destinationPort): (UInt16, UInt16, UInt16) = (27, 28, 29)
  }

  /// RTM_F_FIB_MATCH, and RTN_LOCAL.
  private static let (matchingEntry, local): (UInt32, UInt8) = (0x2000, 2)

  /// The numbers of the interfaces that lead to the peer; none where it is this host, or cannot be reached.
  ///
  /// - Parameter isForEntry: asks for the entry of the routing table with all its next hops (Linux 4.13 and 4.18), instead
  ///   of the route that this connection has now. Kernels before that take no notice of it.
  func interfaces(toPeerOf connection: TCPConnection, isForEntry: Bool) throws(Failure) -> [Int] {
    let question = Self.question(of: connection, isForEntry: isForEntry)
    do throws(Failure) {
      let found = try get(RouteSocket.getRoute, question) { message throws(Failure) -> [Int]? in
        guard let route = try RouteRecord(message) else { return nil }
        if route.type == Self.local { return [] }
        guard !route.interfaces.isEmpty else { throw .senseless }
        return route.interfaces
      }
      guard let found else { throw Failure.senseless }
      return found
    } catch {
      // There is no route, so none leads over a NIC.
      if case .refused(let error) = error, error.errno == .networkUnreachable { return [] }
      throw error
    }
  }

  static func question(of connection: TCPConnection, isForEntry: Bool) -> [UInt8] {
    let (peer, local) = (connection.peer.address.bytes, connection.local.address.bytes)
    let family = UInt8(peer.count == 4 ? AF_INET : AF_INET6)
    let lengths = [UInt8(peer.count * 8), UInt8(local.count * 8)]
    let flags = NetlinkMessage.bytes(isForEntry ? matchingEntry : UInt32(0))
    let port = { (number: UInt16) in NetlinkMessage.bytes(number.bigEndian) }
    return [family] + lengths + [0, 0, 0, 0, 0] + flags
      + NetlinkMessage.attribute(Attribute.destination, peer)
      + NetlinkMessage.attribute(Attribute.source, local)
      // A rule may choose the table by these (ip-rule(8): ipproto, sport, dport).
      + NetlinkMessage.attribute(Attribute.protocol, [UInt8(IPPROTO_TCP)])
      + NetlinkMessage.attribute(Attribute.sourcePort, port(connection.local.port))
      + NetlinkMessage.attribute(Attribute.destinationPort, port(connection.peer.port))
  }
}
