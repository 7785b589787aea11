import HostModel

@testable import Hosts

/// Checks the readers of rtnetlink messages: they accept any bytes, and read nothing after them.
func checkNetlink(_ bytes: [UInt8]) throws(Broken) {
  // A separate buffer, so that the address sanitizer detects a read after its end.
  let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
  defer { buffer.deallocate() }
  _ = buffer.initialize(fromContentsOf: bytes)
  let datagram = UnsafeBufferPointer(buffer)
  _ = VFReport(link: datagram)
  guard let messages = NetlinkMessage.all(in: datagram) else { return }
  var length = 0
  for message in messages {
    length += NetlinkMessage.padded(NetlinkMessage.headerLength + message.content.count)
    _ = message.error
    _ = VFReport(link: message.content)
    let link = try? LinkRecord(message)
    if let link {
      try expect(!link.name.isEmpty && link.index > 0, "\(link)")
      try expect(link.altnames.allSatisfy { isAlternativeName($0) }, "\(link)")
    }
    let route = try? RouteRecord(message)
    if let route { try expect(route.interfaces.count <= bytes.count, "\(route)") }
    if let address = try? AddressRecord(message) { try expect(address.index > 0, "\(address)") }
    if let socket = try? XDPSocketRecord(message) { try expect(socket.index > 0, "\(socket)") }
    _ = try? NextHopRecord(message)
  }
  try expect(length < bytes.count + 4, "\(length) bytes of \(bytes.count)")
}
