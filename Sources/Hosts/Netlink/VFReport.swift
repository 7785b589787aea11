import Files
import HostModel

/// What a PF's driver holds of its VFs: IFLA_VFINFO_LIST of a link message.
struct VFReport: Equatable {
  private(set) var settings: [Int: VFSettings] = [:]

  private static let (count, list, entry): (UInt16, UInt16, UInt16) = (21, 22, 1)

  /// - Parameter link: a link message behind its netlink header. Nil where it makes no sense.
  init?(link: Bytes) {
    guard let type: UInt16 = link.number(at: 2), link.count >= RouteSocket.linkHeader else { return nil }
    var rest = link.dropping(RouteSocket.linkHeader)
    var expected: Int?
    while rest.count >= NetlinkMessage.attributeHeader {
      guard let length: UInt16 = rest.number(at: 0), let kind: UInt16 = rest.number(at: 2) else { return nil }
      guard kind & 0x3FFF == Self.list else {
        guard let (kind, value) = NetlinkMessage.firstAttribute(of: rest) else { return nil }
        if kind == Self.count { expected = value.number(at: 0).map { (number: UInt32) in Int(number) } }
        rest = rest.dropping(NetlinkMessage.padded(Int(length)))
        continue
      }
      guard let taken = take(rest, expected: expected, length: Int(length)) else { return nil }
      rest = rest.dropping(NetlinkMessage.padded(taken))
    }
    // VFs of InfiniBand have addresses of another form.
    if type != LinkRecord.ethernet { for index in settings.keys { settings[index]?.mac = nil } }
  }

  /// The list's own length has 16 bits, and wraps with a few hundred VFs: so many entries as there are VFs are read, and
  /// the length must be that of these.
  ///
  /// - Returns: the bytes of the list, its header included.
  private mutating func take(_ attribute: Bytes, expected: Int?, length: Int) -> Int? {
    var taken = NetlinkMessage.attributeHeader
    guard length >= taken || expected != nil else { return nil }
    var number = 0
    while expected.map({ number < $0 }) ?? (taken < length) {
      guard let (kind, value) = NetlinkMessage.firstAttribute(of: attribute.dropping(taken)),
        kind == Self.entry,
        let (index, settings) = VFSettings.entry(value)
      else { break }
      self.settings[index] = settings
      taken += NetlinkMessage.padded(NetlinkMessage.attributeHeader + value.count)
      number += 1
    }
    return taken & 0xFFFF == length ? taken : nil
  }
}

extension VFSettings {
  /// One VF's number and settings; nil where that makes no sense. What a driver does not report is left out.
  fileprivate static func entry(_ content: Bytes) -> (Int, VFSettings)? {
    var index: UInt32?
    var settings = VFSettings()
    let isWhole = NetlinkMessage.attributes(of: content) { kind, value in
      index = index ?? (VFAttribute.isPlain(kind) ? value.number(at: 0) : nil)
      for (_, kernel) in KernelSetting.all { kernel.take(kind, value, &settings) }
    }
    guard isWhole, let index, index <= 65535 else { return nil }
    return (Int(index), settings)
  }
}

/// Attributes of IFLA_VF_INFO: `linux/if_link.h`. Each begins with the VF's number, but the list of VLANs.
enum VFAttribute {
  static let (mac, vlan, spoofCheck, linkState): (UInt16, UInt16, UInt16, UInt16) = (1, 2, 4, 5)
  static let (rate, trust, vlans): (UInt16, UInt16, UInt16) = (6, 9, 12)

  static func isPlain(_ kind: UInt16) -> Bool { kind != vlans && kind != 8 }
}

extension Netlink {
  /// Sets one value: the kernel stops at the first one that a driver does not have.
  func set(_ one: VFSettings, ofVF number: Int, of link: Link) throws(Failure) {
    let (list, entry): (UInt16, UInt16) = (22, 1)
    let values = KernelSetting.all.compactMap { $0.kernel.attribute(one, UInt32(number)) }
    let content = NetlinkMessage.attribute(entry, Array(values.joined()))
    try change(RouteSocket.setLink, link.content + NetlinkMessage.attribute(list, content))
  }
}
