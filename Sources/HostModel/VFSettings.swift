import Documents

/// The settings that a PF's driver keeps for one of its VFs, as `ip link set PF vf N …` sets them
/// (Linux, include/uapi/linux/if_link.h, IFLA_VFINFO_LIST). Nil means that a manifest does not
/// declare the setting, or that the driver does not report it.
///
/// A new setting needs a property, a case of `VFSetting` and its row here, and a row in
/// Hosts/Primitives/VFSetting+Kernel.swift.
public struct VFSettings: Sendable, Hashable {
  /// The MAC address; zero if the driver has set none.
  public var mac: MACAddress?
  public var vlan: VLAN?
  /// Whether the guest may use privileged features such as changing its MAC address.
  public var trust: Bool?
  /// Whether the NIC drops frames whose source MAC address is not the VF's.
  public var spoofCheck: Bool?
  public var linkState: LinkState?
  public var rate: Rate?

  /// `auto` follows the link of the PF (IFLA_VF_LINK_STATE_AUTO).
  public enum LinkState: String, CaseIterable, Sendable { case auto, enable, disable }

  public init(
    mac: MACAddress? = nil, vlan: VLAN? = nil, trust: Bool? = nil, spoofCheck: Bool? = nil,
    linkState: LinkState? = nil, rate: Rate? = nil
  ) {
    self.mac = mac
    self.vlan = vlan
    self.trust = trust
    self.spoofCheck = spoofCheck
    self.linkState = linkState
    self.rate = rate
  }
}

/// The name of a VF setting, which is its key in manifests, snapshots and plans. Documents and messages list
/// the settings in the order of the cases.
public enum VFSetting: String, CaseIterable, Sendable {
  case mac, vlan, trust, spoofCheck, linkState, rate

  /// Everything that is specific to the setting, except how the kernel reads and sets it.
  var row: any VFSettingRow {
    switch self {
    case .mac:
      TypedVFSettingRow(
        \.mac, default: MACAddress(0),
        observed: (MACAddress.form, "The MAC address; zeros mean that none is set."),
        claimed: (
          MACAddress.unicastForm,
          "VF only: the MAC address; if not given, pcipass derives one that stays the same."
        ),
        words: { $0.isZero ? "no MAC" : "MAC \($0)" })
    case .vlan:
      TypedVFSettingRow(
        \.vlan, default: VLAN.none, observed: (VLAN.form, "The VLAN; 0 means none."),
        claimed: (VLAN.declared, "VF only: the VLAN; if not given, none."), words: \.words,
        refusal: { vlan, port in port.isIntel && vlan.proto == .ad ? "supports 802.1Q VLANs only" : nil })
    case .trust:
      TypedVFSettingRow(
        \.trust, default: false, observed: (.boolean, "Whether the guest may change the MAC address."),
        claimed: (.boolean, "VF only: whether the guest may change the MAC address; if not given, no."),
        words: { "trust \($0 ? "on" : "off")" }, unreported: "does not report trust")
    case .spoofCheck:
      TypedVFSettingRow(
        \.spoofCheck, default: true, observed: (.boolean, "Whether the NIC checks source MAC addresses."),
        claimed: (.boolean, "VF only: whether the NIC checks source MAC addresses; if not given, yes."),
        words: { "spoof check \($0 ? "on" : "off")" }, unreported: "does not report spoofCheck")
    case .linkState:
      TypedVFSettingRow(
        \.linkState, default: .auto, observed: (.choice("a link state"), "The link state."),
        claimed: (.choice("a link state"), "VF only: the link state; if not given, auto."),
        words: { "link \($0.rawValue)" },
        missing: { $0.name == "igb" ? "cannot set the link state of a VF" : nil })
    case .rate:
      TypedVFSettingRow(
        \.rate, default: VFSettings.Rate(min: 0, max: 0),
        observed: (VFSettings.Rate.form, "The transmit rate in Mbit/s."),
        claimed: (
          VFSettings.Rate.form, "VF only: the transmit rate in Mbit/s; if not given, no limit."
        ),
        completed: { VFSettings.Rate(min: $0.min ?? 0, max: $0.max) }, words: \.words,
        refusal: { rate, port in port.refusal(of: rate) })
    }
  }
}
