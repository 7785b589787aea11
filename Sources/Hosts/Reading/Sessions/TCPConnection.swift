/// The two ends of a TCP connection.
struct TCPConnection: Hashable, Sendable {
  struct End: Hashable, Sendable {
    var address: IPAddress
    var port: UInt16
  }

  var local: End
  var peer: End

  /// As who is at the other end has it.
  var reversed: TCPConnection { TCPConnection(local: peer, peer: local) }
}

extension TCPConnection: CustomStringConvertible {
  /// From whom to where, in the words of sshd's log.
  var description: String { "\(peer.address) port \(peer.port) to \(local.address) port \(local.port)" }
}
