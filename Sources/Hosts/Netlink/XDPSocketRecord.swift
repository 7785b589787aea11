import Files
import Glibc
import SystemPackage

/// A socket of AF_XDP that is bound to an interface (Linux, net/xdp/xsk_diag.c).
struct XDPSocketRecord: Equatable {
  var index: Int

  private static let family: UInt8 = 44
  /// Of xdp_diag_msg; XDP_DIAG_INFO.
  private static let (header, info): (Int, UInt16) = (16, 1)

  /// Nil for a socket that is bound to none.
  init?(_ message: NetlinkMessage) throws(Netlink.Failure) {
    guard message.content.first == Self.family else { return nil }
    var index: UInt32?
    let isWhole = NetlinkMessage.attributes(of: message.content, from: Self.header) { kind, value in
      if kind == Self.info { index = value.number(at: 0) }
    }
    guard isWhole else { throw .senseless }
    guard let index, index > 0 else { return nil }
    self.index = Int(index)
  }
}

extension Netlink {
  /// SOCK_DIAG_BY_FAMILY.
  private static let byFamily: UInt16 = 20

  /// The interfaces that have sockets of AF_XDP. The kernel is asked only where there are some, as asking loads a module.
  func interfacesWithXDPSockets() throws(Failure) -> Set<Int> {
    guard try hasXDPSockets() else { return [] }
    // xdp_diag_req, with XDP_SHOW_INFO.
    let question =
      [44, 0, 0, 0] + [UInt8](repeating: 0, count: 4) + NetlinkMessage.bytes(UInt32(1))
      + [UInt8](repeating: 0, count: 8)
    return Set(
      try dump(Self.byFamily, question, of: Protocol.socketDiagnosis) { message throws(Failure) in
        try XDPSocketRecord(message)
      }.map(\.index))
  }

  /// By `/proc/net/protocols`, which counts the sockets of each.
  private func hasXDPSockets() throws(Failure) -> Bool {
    var hasSome = false
    try lines(of: "protocols") { line in
      let fields = line.fields
      if fields.count > 2, fields[0].isEqual(to: "XDP"), fields[2].decimal != 0 { hasSome = true }
    }
    return hasSome
  }
}
