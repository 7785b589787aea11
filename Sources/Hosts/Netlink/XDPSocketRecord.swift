import Files
import Glibc
import SystemPackage

/// An AF_XDP socket that is bound to an interface (Linux, net/xdp/xsk_diag.c).
struct XDPSocketRecord: Equatable {
  var index: Int

  /// AF_XDP.
  private static let family: UInt8 = 44
  /// The size of xdp_diag_msg in bytes, and XDP_DIAG_INFO.
  private static let (header, info): (Int, UInt16) = (16, 1)

  /// Nil if the socket is not an AF_XDP socket or not bound to an interface.
  ///
  /// - Throws: `.malformed` if it cannot be decoded.
  init?(_ message: NetlinkMessage) throws(Netlink.Failure) {
    guard message.content.first == Self.family else { return nil }
    var index: UInt32?
    let isWhole = NetlinkMessage.attributes(of: message.content, from: Self.header) { kind, value in
      if kind == Self.info { index = value.number(at: 0) }
    }
    guard isWhole else { throw .malformed }
    guard let index, index > 0 else { return nil }
    self.index = Int(index)
  }
}

extension Netlink {
  /// SOCK_DIAG_BY_FAMILY.
  private static let byFamily: UInt16 = 20

  /// The indices of the interfaces that have AF_XDP sockets. The request makes the kernel load the module
  /// xsk_diag, so it is sent only if there are such sockets.
  func interfacesWithXDPSockets() throws(Failure) -> Set<Int> {
    guard try hasXDPSockets() else { return [] }
    // The request is a xdp_diag_req with XDP_SHOW_INFO.
    let question =
      [44, 0, 0, 0] + [UInt8](repeating: 0, count: 4) + NetlinkMessage.bytes(UInt32(1))
      + [UInt8](repeating: 0, count: 8)
    return Set(
      try dump(Self.byFamily, question, of: Family.socketDiagnosis) { message throws(Failure) in
        try XDPSocketRecord(message)
      }.map(\.index))
  }

  /// Whether there are AF_XDP sockets: `/proc/net/protocols` counts the sockets of each protocol.
  private func hasXDPSockets() throws(Failure) -> Bool {
    var hasSome = false
    try lines(of: "protocols") { line in
      let fields = line.fields
      if fields.count > 2, fields[0].isEqual(to: "XDP"), fields[2].decimal != 0 { hasSome = true }
    }
    return hasSome
  }
}
