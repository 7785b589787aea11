import HostModel

/// What the manifests declare, as far as the oracle needs it. The author of the manifests fills it
/// in; it is not parsed by pcipass.
public struct Declared: Sendable {
  /// A claim of a guest NIC.
  public struct Claim: Sendable {
    public var address: PCIAddress
    public var mac: MACAddress?
    public var vlan: Int?

    public init(address: PCIAddress, mac: MACAddress? = nil, vlan: Int? = nil) {
      self.address = address
      self.mac = mac
      self.vlan = vlan
    }
  }

  /// The claims of each guest, by the name of its domain or the socket of its QEMU.
  public var claims: [String: [Claim]] = [:]
  /// All functions that the manifests name, including VFs that do not exist yet.
  public var named: Set<PCIAddress> = []
  /// The functions whose uses the host may lose, because the manifests allow it.
  public var allowed: Set<PCIAddress> = []

  public init() {}

  /// The guests that the manifests declare.
  public var domains: Set<String> { Set(claims.keys) }
}
