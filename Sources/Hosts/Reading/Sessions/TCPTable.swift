import Files
import SystemPackage

/// The established connections of TCP: `/proc/net/tcp` and `tcp6` (Linux, net/ipv4/tcp_ipv4.c and
/// net/ipv6/tcp_ipv6.c write them).
struct TCPTable {
  struct Entry: Equatable {
    var connection: TCPConnection
    /// Of the socket, as in the links of `/proc/PID/fd`.
    var inode: Int
  }

  private(set) var established: [Entry] = []
  /// Why there may be more.
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
        if let entry = Entry(established: line) { established.append(entry) }
        return true
      }
    } catch {
      // A kernel without IPv6 has no table of it.
      if isOptional, error == .noSuchFileOrDirectory { return }
      problem = problem ?? tree.name(of: "proc/net/" + name) + ": " + error.description
    }
  }
}

extension TCPTable.Entry {
  /// Nil for what is no line of an established connection.
  init?(established line: Bytes, isLittleEndian: Bool = UInt32(littleEndian: 1) == 1) {
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
    var rest = line
    _ = Self.field(&rest)
    let (local, peer) = (Self.field(&rest), Self.field(&rest))
    guard Self.field(&rest).isEqual(to: "01") else { return nil }
    for _ in 0..<5 { _ = Self.field(&rest) }
    guard let inode = Self.field(&rest).decimal, inode > 0,
      let local = TCPConnection.End(local, isLittleEndian: isLittleEndian),
      let peer = TCPConnection.End(peer, isLittleEndian: isLittleEndian)
    else { return nil }
    self.init(connection: TCPConnection(local: local, peer: peer), inode: inode)
  }

  /// The next field, taken off the front: there may be a hundred thousand lines, so none is split into an array.
  private static func field(_ rest: inout Bytes) -> Bytes {
    while rest.first == UInt8(ascii: " ") { rest = rest.dropping(1) }
    return Bytes.cut(&rest, at: UInt8(ascii: " "))
  }
}

extension TCPConnection.End {
  /// `0A0200C0:0016`: 192.0.2.10, port 22, as a little-endian processor writes it.
  fileprivate init?(_ field: Bytes, isLittleEndian: Bool) {
    var port = field
    let words = Bytes.cut(&port, at: UInt8(ascii: ":"))
    guard port.count == 4, let number = port.hexadecimal,
      let address = IPAddress(words: words, isLittleEndian: isLittleEndian)
    else { return nil }
    self.init(address: address, port: UInt16(number))
  }
}
