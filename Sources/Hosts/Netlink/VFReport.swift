import Files
import HostModel

/// The settings that the driver of a PF keeps for its VFs: IFLA_VFINFO_LIST of a link message.
struct VFReport: Equatable {
  private(set) var settings: [Int: VFSettings] = [:]

  /// IFLA_NUM_VF, IFLA_VFINFO_LIST and IFLA_VF_INFO.
  private static let (count, list, entry): (UInt16, UInt16, UInt16) = (21, 22, 1)

  /// - Parameter link: the content of a link message, without the netlink header.
  /// - Returns: nil if it cannot be decoded.
  init?(link: Bytes) {
    guard let type: UInt16 = link.number(at: 2), link.count >= RTNetlink.linkHeader else { return nil }
    var rest = link.dropping(RTNetlink.linkHeader)
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
    // VFs of InfiniBand PFs have addresses of another format.
    if type != LinkRecord.ethernet { for index in settings.keys { settings[index]?.mac = nil } }
  }

  /// Reads the list. Its length field has 16 bits and wraps with a few hundred VFs, so IFLA_NUM_VF
  /// determines the number of entries that are read, and the length must be that of these entries
  /// modulo 2^16.
  ///
  /// - Returns: the size of the list in bytes, including its header; nil if the sizes differ.
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
  /// The index and the settings of one VF; nil if they cannot be decoded. A value that the driver does not
  /// report is left out.
  fileprivate static func entry(_ content: Bytes) -> (Int, VFSettings)? {
    var index: UInt32?
    var settings = VFSettings()
    let isWhole = NetlinkMessage.attributes(of: content) { kind, value in
      index = index ?? (VFAttribute.beginsWithIndex(kind) ? value.number(at: 0) : nil)
      for (_, kernel) in KernelSetting.all { kernel.take(kind, value, &settings) }
    }
    guard isWhole, let index, index <= 65535 else { return nil }
    return (Int(index), settings)
  }
}

/// Attributes of IFLA_VF_INFO: `linux/if_link.h`. Those listed here begin with the index of the VF, except
/// IFLA_VF_VLAN_LIST.
enum VFAttribute {
  static let (mac, vlan, spoofCheck, linkState): (UInt16, UInt16, UInt16, UInt16) = (1, 2, 4, 5)
  static let (rate, trust, vlans): (UInt16, UInt16, UInt16) = (6, 9, 12)

  /// Whether the attribute begins with the index of the VF. IFLA_VF_VLAN_LIST and IFLA_VF_STATS (8) do not.
  static func beginsWithIndex(_ kind: UInt16) -> Bool { kind != vlans && kind != 8 }
}

extension Netlink {
  /// Sets one value of a VF. Each value needs a separate request, because the kernel stops at the
  /// first one that the driver does not support.
  func set(_ one: VFSettings, ofVF number: Int, of link: Link) throws(Failure) {
    let (list, entry): (UInt16, UInt16) = (22, 1)
    let values = KernelSetting.all.compactMap { $0.kernel.attribute(one, UInt32(number)) }
    let content = NetlinkMessage.attribute(entry, Array(values.joined()))
    try change(RTNetlink.setLink, link.content + NetlinkMessage.attribute(list, content))
  }
}
