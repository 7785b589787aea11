import HostModel
import Manifests

/// The functions of a host, each with all that is known of who has it, who is to have it, and who could.
public struct Inventory: Sendable {
  public struct Device: Sendable {
    public let function: PCIFunction
    /// The guests that have it.
    public let shares: [Share]
    /// What the manifests say of it.
    public let claim: Claims.Entry?
    /// Nil of what is no NIC.
    public let availability: Availability?
    /// The others of its IOMMU group.
    public let companions: [PCIFunction]
    /// The libvirt network that assigns it to guests.
    public let network: HostdevNetwork?
  }

  /// A guest that has a function, in its definition or now.
  public struct Share: Sendable, Equatable {
    public let guest: GuestManager
    /// The guest's NIC that pcipass's mark names.
    public let nic: String?
    public var isDefined: Bool
    public var isLive: Bool
    public let isManaged: Bool
    public let alias: String?
    /// The libvirt network that assigned it.
    public var network: String?
  }

  public let host: String
  public let devices: [Device]
  /// Why it is not known what some guests have.
  public let unknown: [String]

  public init(_ state: HostState, request: Request?) {
    let host = HostIndex(state)
    let claims = request.map { Claims($0, host) }
    let availability = Availability.all(on: host)
    self.host = state.host
    devices = state.functions.map { function in
      Device(
        function: function, shares: Self.shares(host.holdings[function.address] ?? []),
        claim: claims?[function.address], availability: availability[function.address],
        companions: host.siblings(of: function), network: host.networks.network(of: function))
    }
    unknown =
      [state.libvirt.reason, state.qemu.reason].compactMap { $0 }
      + state.allGuests.compactMap(\.state.unavailable)
  }

  /// A guest that has it in its definition and now is one.
  private static func shares(_ holdings: [HostIndex.Holding]) -> [Share] {
    holdings.reduce(into: []) { result, holding in
      let isLive = holding.part == .live
      if let index = result.firstIndex(where: { $0.guest == holding.guest }) {
        if isLive { result[index].isLive = true } else { result[index].isDefined = true }
        result[index].network = result[index].network ?? holding.network
        return
      }
      result.append(
        Share(
          guest: holding.guest, nic: Ownership.nic(ofAlias: holding.hostdev.alias), isDefined: !isLive,
          isLive: isLive, isManaged: holding.hostdev.isManaged, alias: holding.hostdev.alias,
          network: holding.network))
    }
  }
}

/// Which functions are shown. All that is given must hold.
public struct InventoryFilter: Sendable {
  /// Not only NICs.
  public var isForAll = false
  public var addresses: Set<PCIAddress> = []
  /// `none` is no driver.
  public var drivers: Set<String> = []
  public var groups: Set<Int> = []
  /// A vendor, or a vendor and a device.
  public var ids: [(vendor: UInt16, device: UInt16?)] = []
  public var isFree = false

  public init() {}

  public func includes(_ device: Inventory.Device) -> Bool {
    let function = device.function
    if !addresses.isEmpty { return addresses.contains(function.address) }
    return (isForAll || function.deviceClass.isNetwork)
      && (drivers.isEmpty || drivers.contains(function.driver ?? "none"))
      && (groups.isEmpty || function.iommuGroup.map(groups.contains) ?? false)
      && (ids.isEmpty
        || ids.contains {
          $0.vendor == function.id.vendor && $0.device ?? function.id.device == function.id.device
        })
      && (!isFree || device.availability == .free)
  }
}
