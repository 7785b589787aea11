import Glibc
import SystemPackage

/// One question of rtnetlink(7), by which route the host sends to a peer (RTM_GETROUTE), and the kernel's answer (Linux,
/// net/ipv4/route.c and net/ipv6/route.c). All numbers are in the processor's own order; ports and addresses are in the
/// network's.
enum RouteMessage {
  private enum Kind {
    static let error: UInt16 = 2
    static let newRoute: UInt16 = 24
    static let getRoute: UInt16 = 26
  }

  private enum Attribute {
    static let destination: UInt16 = 1
    static let source: UInt16 = 2
    static let interface: UInt16 = 4
    static let multipath: UInt16 = 9
    static let `protocol`: UInt16 = 27
    static let sourcePort: UInt16 = 28
    static let destinationPort: UInt16 = 29
  }

  private static let request: UInt16 = 1
  private static let matchingEntry: UInt32 = 0x2000
  private static let local: UInt8 = 2
  /// Of nlmsghdr, of rtmsg, of rtattr, and of rtnexthop.
  private static let (header, route, attribute, nextHop) = (16, 12, 4, 8)

  /// - Parameter isForEntry: asks for the entry of the routing table with all its next hops (RTM_F_FIB_MATCH, Linux 4.13
  ///   and 4.18), instead of the route that this connection has now. Kernels before that take no notice of it.
  static func question(of connection: TCPConnection, isForEntry: Bool, number: UInt32) -> [UInt8] {
    let (peer, local) = (connection.peer.address.bytes, connection.local.address.bytes)
    let family = UInt8(peer.count == 4 ? AF_INET : AF_INET6)
    var message = bytes(Kind.getRoute) + bytes(request) + bytes(number) + bytes(UInt32(0))
    message += [family, UInt8(peer.count * 8), UInt8(local.count * 8), 0, 0, 0, 0, 0]
    message += bytes(isForEntry ? matchingEntry : UInt32(0))
    add(Attribute.destination, peer, to: &message)
    add(Attribute.source, local, to: &message)
    // A rule may choose the table by these (ip-rule(8): ipproto, sport, dport).
    add(Attribute.protocol, [UInt8(IPPROTO_TCP)], to: &message)
    add(Attribute.sourcePort, bytes(connection.local.port.bigEndian), to: &message)
    add(Attribute.destinationPort, bytes(connection.peer.port.bigEndian), to: &message)
    return bytes(UInt32(message.count + 4)) + message
  }

  /// The numbers of the interfaces that it names, each once; none where the peer is this host, or cannot be reached.
  /// Nil for what is no answer to that question.
  static func interfaces(in answer: [UInt8], number: UInt32) throws(Errno) -> [UInt32]? {
    guard let length: UInt32 = value(at: 0, in: answer), length <= answer.count, length >= header + 4,
      let kind: UInt16 = value(at: 4, in: answer), value(at: 8, in: answer) == number
    else { return nil }
    let message = answer[header..<Int(length)]
    if kind == Kind.error {
      guard let error: Int32 = value(at: 0, in: message) else { return nil }
      let found = Errno(rawValue: 0 &- error)
      // There is no route, so none leads over a NIC.
      if found == .networkUnreachable { return [] }
      if error == 0 { return nil }
      throw found
    }
    guard kind == Kind.newRoute, message.count >= route else { return nil }
    if message[message.startIndex + 7] == local { return [] }
    var found: [UInt32] = []
    let isWhole = eachAttribute(of: message.dropFirst(route)) { kind, content in
      switch kind {
      case Attribute.interface: if let number: UInt32 = value(at: 0, in: content) { found.append(number) }
      case Attribute.multipath: return addHops(of: content, to: &found)
      default: break
      }
      return true
    }
    guard isWhole, !found.isEmpty else { return nil }
    return found.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// False where its lengths make no sense.
  private static func addHops(of content: ArraySlice<UInt8>, to found: inout [UInt32]) -> Bool {
    var rest = content
    while !rest.isEmpty {
      guard let length: UInt16 = value(at: 0, in: rest), length >= nextHop, length <= rest.count,
        let number: UInt32 = value(at: 4, in: rest)
      else { return false }
      found.append(number)
      rest = rest.dropFirst(padded(Int(length)))
    }
    return true
  }

  /// False where their lengths make no sense, or a visit says so.
  private static func eachAttribute(
    of content: ArraySlice<UInt8>, _ visit: (UInt16, ArraySlice<UInt8>) -> Bool
  ) -> Bool {
    var rest = content
    while rest.count >= attribute {
      guard let length: UInt16 = value(at: 0, in: rest), length >= attribute, length <= rest.count,
        let kind: UInt16 = value(at: 2, in: rest),
        visit(kind & 0x3FFF, rest.prefix(Int(length)).dropFirst(attribute))
      else { return false }
      rest = rest.dropFirst(padded(Int(length)))
    }
    return true
  }

  private static func add(_ kind: UInt16, _ content: [UInt8], to message: inout [UInt8]) {
    message += bytes(UInt16(attribute + content.count)) + bytes(kind) + content
    message += [UInt8](repeating: 0, count: padded(content.count) - content.count)
  }

  private static func padded(_ length: Int) -> Int { (length + 3) & ~3 }

  private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value) { [UInt8]($0) }
  }

  private static func value<Value: FixedWidthInteger>(
    at offset: Int, in message: some Collection<UInt8>
  ) -> Value? {
    let part = message.dropFirst(offset).prefix(MemoryLayout<Value>.size)
    guard part.count == MemoryLayout<Value>.size else { return nil }
    return [UInt8](part).withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
  }
}
