import Documents
import HostModel

/// What documents say, as far as the oracle asks: written down by whoever made them, not read by pcipass.
public struct Declared: Sendable {
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

  /// What each domain, or each QEMU by its socket, is to have.
  public var claims: [String: [Claim]] = [:]
  /// All functions that the documents name, VFs that are to come among them.
  public var named: Set<PCIAddress> = []
  /// Those of which the host may lose what it has.
  public var allowed: Set<PCIAddress> = []

  public init() {}

  public var domains: Set<String> { Set(claims.keys) }
}
