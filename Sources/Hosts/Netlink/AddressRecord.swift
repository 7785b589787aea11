import HostModel

/// An address of an interface, from RTM_GETADDR (Linux, net/ipv4/devinet.c and net/ipv6/addrconf.c).
struct AddressRecord: Equatable {
  var index: Int
  var address: IPAddress
  var length: Int

  /// IFA_ADDRESS and IFA_LOCAL. On a point-to-point link IFA_ADDRESS is that of the peer and IFA_LOCAL that
  /// of the interface (`linux/if_addr.h`).
  private static let (address, local): (UInt16, UInt16) = (1, 2)

  /// Nil if the message is not RTM_NEWADDR.
  ///
  /// - Throws: `.malformed` if it cannot be decoded.
  init?(_ message: NetlinkMessage) throws(Netlink.Failure) {
    guard message.kind == RTNetlink.newAddress else { return nil }
    let content = message.content
    guard let length: UInt8 = content.number(at: 1), let index: UInt32 = content.number(at: 4), index > 0
    else {
      throw .malformed
    }
    var (address, local): (IPAddress?, IPAddress?)
    let isWhole = NetlinkMessage.attributes(of: content, from: RTNetlink.addressHeader) { kind, value in
      if kind == Self.address { address = IPAddress(value) }
      if kind == Self.local { local = IPAddress(value) }
    }
    guard isWhole, let found = local ?? address else { throw .malformed }
    (self.index, self.address, self.length) = (Int(index), found, Int(length))
  }
}

extension Netlink {
  /// All addresses of the interfaces in the namespace.
  func addresses() throws(Failure) -> [AddressRecord] {
    let header = [UInt8](repeating: 0, count: RTNetlink.addressHeader)
    return try dump(RTNetlink.getAddress, header) { message throws(Failure) in try AddressRecord(message) }
  }
}
