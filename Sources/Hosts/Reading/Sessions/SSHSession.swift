import HostModel

/// A session of SSH, by the connection that carries it.
struct SSHSession: Equatable, Sendable {
  var connection: TCPConnection
  /// The interface that link-local addresses are of, where that is known: alone they do not tell.
  var link: String?
  /// The same for the peer's address.
  var peerLink: String?
  /// How the kernel reaches the peer.
  var route = PeerRoute()
}

/// The interfaces by which the kernel reaches a peer.
struct PeerRoute: Equatable, Sendable {
  /// None where the kernel was not asked, where the peer is this host, or where there is no route.
  var interfaces: [String] = []
  /// Why there may be more.
  var problem: String?
}

extension SSHSession {
  /// What sshd and dropbear set `SSH_CONNECTION` to: the peer's address and port, then the own ones. Where the
  /// session comes over something else than IP, sshd writes `UNKNOWN 65535 UNKNOWN 65535`.
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
  ) -> (end: TCPConnection.End, link: String?)? {
    let parts = address.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    let link = parts.count == 2 ? String(parts[1]) : nil
    guard let address = parts.first.flatMap({ IPAddress(String($0)) }), address.isLinkLocal || link == nil,
      link.map(isInterfaceName) ?? true, (1...5).contains(port.utf8.count),
      port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(port), number > 0
    else { return nil }
    return (TCPConnection.End(address: address, port: number), link)
  }
}
