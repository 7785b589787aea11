import Documents

/// The settings that a PF's driver keeps for one of its VFs, as `ip link set PF vf N …` sets them (Linux,
/// include/uapi/linux/if_link.h, IFLA_VFINFO_LIST). Nil means that a manifest does not ask for the setting,
/// or that the driver does not report it.
///
/// A new setting needs a property, a case of `VFSetting` and its row here, and a row in
/// Hosts/Primitives/VFSetting+Kernel.swift.
public struct VFSettings: Sendable, Hashable {
  /// The MAC address; zero where the driver has set none.
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
        \.mac, default: MACAddress(0), observed: (MACAddress.form, "Its MAC address; zeros: none was set."),
        claimed: (
          MACAddress.unicastForm, "VF only: its MAC address; if not given, one that stays the same."
        ),
        words: { $0.isZero ? "no MAC" : "MAC \($0)" })
    case .vlan:
      TypedVFSettingRow(
        \.vlan, default: VLAN.none, observed: (VLAN.form, "The VLAN it is in; 0 is none."),
        claimed: (VLAN.declared, "VF only: the VLAN it is in; if not given, none."), words: \.words,
        refusal: { vlan, port in port.isIntel && vlan.proto == .ad ? "has VLANs of 802.1Q only" : nil })
    case .trust:
      TypedVFSettingRow(
        \.trust, default: false, observed: (.boolean, "Whether its user may change its MAC address."),
        claimed: (.boolean, "VF only: whether the guest may change its MAC; if not given, no."),
        words: { "trust \($0 ? "on" : "off")" }, unreported: "tells of no trust")
    case .spoofCheck:
      TypedVFSettingRow(
        \.spoofCheck, default: true, observed: (.boolean, "Whether source MAC addresses are checked."),
        claimed: (.boolean, "VF only: whether source MACs are checked; if not given, yes."),
        words: { "spoof check \($0 ? "on" : "off")" }, unreported: "tells of no spoof check")
    case .linkState:
      TypedVFSettingRow(
        \.linkState, default: .auto, observed: (.choice("a link state"), "Its link."),
        claimed: (.choice("a link state"), "VF only: its link; if not given, auto."),
        words: { "link \($0.rawValue)" },
        missing: { $0.name == "igb" ? "does not set the link of a VF" : nil })
    case .rate:
      TypedVFSettingRow(
        \.rate, default: VFSettings.Rate(min: 0, max: 0),
        observed: (VFSettings.Rate.form, "Its transmit rate in Mbit/s."),
        claimed: (
          VFSettings.Rate.form, "VF only: its transmit rate in Mbit/s; if not given, no limit."
        ),
        completed: { VFSettings.Rate(min: $0.min ?? 0, max: $0.max) }, words: \.words,
        refusal: { rate, port in port.refusal(of: rate) })
    }
  }
}
