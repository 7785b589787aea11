import HostModel
import Manifests

/// The functions of a host.
public struct Inventory: Sendable {
  public let host: String
  public let devices: [InventoryDevice]
  /// Why it is not known what some guests have.
  public let unknown: [String]

  public init(_ host: HostIndex, request: Request?) {
    let state = host.state
    let claims = request.map { Claims(ResolvedRequest($0, on: host)) }
    let availability = Availability.all(on: host)
    self.host = state.host
    devices = state.functions.map { function in
      InventoryDevice(
        function: function, guests: Self.guests(host.holdings[function.address] ?? []),
        claim: claims?[function.address], availability: availability[function.address],
        companions: host.siblings(of: function), network: host.networks.network(of: function))
    }
    unknown =
      [state.libvirt.reason, state.qemu.reason].compactMap { $0 }
      + state.allGuests.compactMap(\.state.unavailable)
  }

  /// A guest that has it in its definition and now is one.
  private static func guests(_ holdings: [Holding]) -> [AssignedGuest] {
    holdings.reduce(into: []) { result, holding in
      let isLive = holding.part == .live
      if let index = result.firstIndex(where: { $0.guest == holding.guest }) {
        if isLive { result[index].isLive = true } else { result[index].isDefined = true }
        result[index].network = result[index].network ?? holding.network
        return
      }
      result.append(
        AssignedGuest(
          guest: holding.guest, nic: Ownership.nic(ofAlias: holding.hostdev.alias), isDefined: !isLive,
          isLive: isLive, isManaged: holding.hostdev.isManaged, alias: holding.hostdev.alias,
          network: holding.network))
    }
  }
}

/// A function, with all that is known of who has it, who is to have it, and who could.
public struct InventoryDevice: Sendable {
  public let function: PCIFunction
  /// The guests that have it.
  public let guests: [AssignedGuest]
  /// What the manifests say of it.
  public let claim: DeclaredNIC?
  /// Nil of what is no NIC.
  public let availability: Availability?
  /// The others of its IOMMU group.
  public let companions: [PCIFunction]
  /// The libvirt network that assigns it to guests.
  public let network: HostdevNetwork?
}

/// A guest that has a function, in its definition or now.
public struct AssignedGuest: Sendable, Equatable {
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
