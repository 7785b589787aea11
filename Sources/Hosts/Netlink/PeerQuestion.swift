import Glibc
import SystemPackage

/// The route by which the kernel reaches a peer, from RTM_GETROUTE (Linux, net/ipv4/route.c and
/// net/ipv6/route.c).
extension Netlink {
  private enum PeerAttribute {
    static let (destination, source): (UInt16, UInt16) = (1, 2)
    static let (`protocol`, sourcePort, destinationPort): (UInt16, UInt16, UInt16) = (27, 28, 29)
  }

  /// RTM_F_FIB_MATCH, and RTN_LOCAL.
  private static let (matchingEntry, local): (UInt32, UInt8) = (0x2000, 2)

  /// The indices of the interfaces over which the peer is reached; empty if the peer is this host or cannot
  /// be reached.
  ///
  /// - Parameter isForEntry: whether to request the entry of the routing table with all its next hops
  ///   (RTM_F_FIB_MATCH, Linux 4.13 for IPv4 and 4.18 for IPv6) instead of the route that this connection
  ///   uses now. Older kernels ignore the flag.
  /// - Throws: `Failure`, except for ENETUNREACH.
  func interfaces(toPeerOf connection: TCPConnection, isForEntry: Bool) throws(Failure) -> [Int] {
    let question = Self.question(of: connection, isForEntry: isForEntry)
    do throws(Failure) {
      let found = try get(RTNetlink.getRoute, question) { message throws(Failure) -> [Int]? in
        guard let route = try RouteRecord(message) else { return nil }
        if route.type == Self.local { return [] }
        guard !route.interfaces.isEmpty else { throw .malformed }
        return route.interfaces
      }
      guard let found else { throw Failure.malformed }
      return found
    } catch {
      // There is no route, so the peer is not reached over a NIC.
      if case .refused(let error) = error, error.errno == .networkUnreachable { return [] }
      throw error
    }
  }

  /// The content of the RTM_GETROUTE request for a connection.
  static func question(of connection: TCPConnection, isForEntry: Bool) -> [UInt8] {
    let (peer, local) = (connection.peer.address.bytes, connection.local.address.bytes)
    let family = UInt8(peer.count == 4 ? AF_INET : AF_INET6)
    let lengths = [UInt8(peer.count * 8), UInt8(local.count * 8)]
    let flags = NetlinkMessage.bytes(isForEntry ? matchingEntry : UInt32(0))
    let port = { (number: UInt16) in NetlinkMessage.bytes(number.bigEndian) }
    return [family] + lengths + [0, 0, 0, 0, 0] + flags
      + NetlinkMessage.attribute(PeerAttribute.destination, peer)
      + NetlinkMessage.attribute(PeerAttribute.source, local)
      // A routing rule may select the table by these attributes (ip-rule(8): ipproto, sport, dport).
      + NetlinkMessage.attribute(PeerAttribute.protocol, [UInt8(IPPROTO_TCP)])
      + NetlinkMessage.attribute(PeerAttribute.sourcePort, port(connection.local.port))
      + NetlinkMessage.attribute(PeerAttribute.destinationPort, port(connection.peer.port))
  }
}
