/// The two ends of a TCP connection.
struct TCPConnection: Hashable, Sendable {
  struct Endpoint: Hashable, Sendable {
    var address: IPAddress
    var port: UInt16
  }

  var local: Endpoint
  var peer: Endpoint

  /// The connection as seen from the peer.
  var reversed: TCPConnection { TCPConnection(local: peer, peer: local) }
}

extension TCPConnection: CustomStringConvertible {
  /// The format of the log of sshd.
  var description: String { "\(peer.address) port \(peer.port) to \(local.address) port \(local.port)" }
}
