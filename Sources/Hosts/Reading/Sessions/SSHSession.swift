import HostModel

/// An SSH session and the TCP connection that carries it.
struct SSHSession: Equatable, Sendable {
  var connection: TCPConnection
  /// The interface of the local address if that is link-local and the interface is known; a
  /// link-local address alone does not identify it.
  var link: String?
  /// The interface of the peer address if that is link-local and the interface is known.
  var peerLink: String?
  /// The route to the peer.
  var route = PeerRoute()
}

/// The interfaces over which the kernel reaches a peer.
struct PeerRoute: Equatable, Sendable {
  /// Empty if no route was requested, if the peer is this host, or if there is no route.
  var interfaces: [String] = []
  /// Why interfaces may be missing; nil if none can be.
  var problem: String?
}

extension SSHSession {
  /// Parses `SSH_CONNECTION` as sshd and dropbear set it: address and port of the peer, then of
  /// this host. For a session over something other than IP sshd writes `UNKNOWN 65535 UNKNOWN
  /// 65535`, for which the result is nil.
  init?(variable text: String) {
    guard text.utf8.count <= 256 else { return nil }
    let fields = text.split(separator: " ", omittingEmptySubsequences: false)
    guard fields.count == 4, let peer = Self.end(fields[0], fields[1]),
      let local = Self.end(fields[2], fields[3])
    else { return nil }
    self.init(
      connection: TCPConnection(local: local.end, peer: peer.end), link: local.link, peerLink: peer.link)
  }

  private static func end(
    _ address: Substring, _ port: Substring
  ) -> (end: TCPConnection.Endpoint, link: String?)? {
    let parts = address.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    let link = parts.count == 2 ? String(parts[1]) : nil
    guard let address = parts.first.flatMap({ IPAddress(String($0)) }), address.isLinkLocal || link == nil,
      link.map(isInterfaceName) ?? true, (1...5).contains(port.utf8.count),
      port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(port), number > 0
    else { return nil }
    return (TCPConnection.Endpoint(address: address, port: number), link)
  }
}
