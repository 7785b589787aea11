/// The id that one network namespace has for another, from RTM_GETNSID (Linux, net/core/net_namespace.c).
extension Netlink {
  /// NETNSA_NSID and NETNSA_FD.
  private static let (id, descriptor): (UInt16, UInt16) = (1, 3)

  /// The id that this namespace has for another one; nil if it has none.
  func number(of other: NamespaceFile) throws(Failure) -> Int32? {
    let header = [UInt8](repeating: 0, count: RTNetlink.generalHeader)
    let place = NetlinkMessage.attribute(Self.descriptor, NetlinkMessage.bytes(Int32(-1)))
    let found = try get(
      RTNetlink.getNamespaceID, header + place,
      other: (other, offset: RTNetlink.generalHeader + NetlinkMessage.attributeHeader)
    ) { message throws(Failure) -> Int32? in
      guard message.kind == RTNetlink.newNamespaceID else { return nil }
      var number: Int32?
      _ = NetlinkMessage.attributes(of: message.content, from: RTNetlink.generalHeader) { kind, value in
        if kind == Self.id { number = value.number(at: 0) }
      }
      return number
    }
    return found.flatMap { $0 >= 0 ? $0 : nil }
  }
}
