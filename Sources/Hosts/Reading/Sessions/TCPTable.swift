import Files
import SystemPackage

/// The established TCP connections in `/proc/net/tcp` and `tcp6` (Linux, net/ipv4/tcp_ipv4.c and
/// net/ipv6/tcp_ipv6.c).
struct TCPTable {
  struct Socket: Equatable {
    var connection: TCPConnection
    /// The inode of the socket, as in the links of `/proc/PID/fd`.
    var inode: Int
  }

  private(set) var established: [Socket] = []
  /// Why connections may be missing; nil if none can be.
  private(set) var problem: String?

  init(_ tree: borrowing Tree, _ scratch: Scratch) {
    read("tcp", tree, scratch)
    read("tcp6", tree, scratch, isOptional: true)
  }

  private mutating func read(
    _ name: String, _ tree: borrowing Tree, _ scratch: Scratch, isOptional: Bool = false
  ) {
    do {
      try tree.networkFile(name).lines(upTo: 64 << 20, scratch) { line in
        if let entry = Socket(established: line) { established.append(entry) }
        return true
      }
    } catch {
      // A kernel without IPv6 does not have this file.
      if isOptional, error == .noSuchFileOrDirectory { return }
      problem = problem ?? tree.name(of: "proc/net/" + name) + ": " + error.description
    }
  }
}

extension TCPTable.Socket {
  /// Parses a line; nil if it is not that of an established connection (state 01).
  init?(established line: Bytes, isLittleEndian: Bool = UInt32(littleEndian: 1) == 1) {
    // The fields are sl, local_address, rem_address, st, tx_queue:rx_queue, tr:tm->when, retrnsmt, uid,
    // timeout and inode.
    var rest = line
    _ = Self.field(&rest)
    let (local, peer) = (Self.field(&rest), Self.field(&rest))
    guard Self.field(&rest).isEqual(to: "01") else { return nil }
    for _ in 0..<5 { _ = Self.field(&rest) }
    guard let inode = Self.field(&rest).decimal, inode > 0,
      let local = TCPConnection.Endpoint(local, isLittleEndian: isLittleEndian),
      let peer = TCPConnection.Endpoint(peer, isLittleEndian: isLittleEndian)
    else { return nil }
    self.init(connection: TCPConnection(local: local, peer: peer), inode: inode)
  }

  /// Removes and returns the next field. There may be a hundred thousand lines, so none is split into an
  /// array.
  private static func field(_ rest: inout Bytes) -> Bytes {
    while rest.first == UInt8(ascii: " ") { rest = rest.dropping(1) }
    return Bytes.cut(&rest, at: UInt8(ascii: " "))
  }
}

extension TCPConnection.Endpoint {
  /// Parses an address and a port: `0A0200C0:0016` is 192.0.2.10, port 22, on a little-endian processor.
  fileprivate init?(_ field: Bytes, isLittleEndian: Bool) {
    var port = field
    let words = Bytes.cut(&port, at: UInt8(ascii: ":"))
    guard port.count == 4, let number = port.hexadecimal,
      let address = IPAddress(words: words, isLittleEndian: isLittleEndian)
    else { return nil }
    self.init(address: address, port: UInt16(number))
  }
}
