import HostModel
import Manifests

/// The functions of a host.
public struct Inventory: Sendable {
  public let host: String
  public let devices: [InventoryDevice]
  /// The reasons why the functions of some guests are unknown.
  public let unknown: [String]
  public let labels: GuestLabels

  /// - Parameter request: the manifests to show claims from, if there are any.
  public init(_ host: HostIndex, request: Request?) {
    let state = host.state
    let claims = request.map { Claims(ResolvedRequest($0, on: host)) }
    let availability = Availability.all(on: host)
    self.host = state.host
    labels = GuestLabels(request?.guests ?? [], on: host)
    devices = state.functions.map { function in
      InventoryDevice(
        function: function, guests: AssignedGuest.all(host.holdings[function.address] ?? []),
        claim: claims?[function.address], availability: availability[function.address],
        siblings: host.siblings(of: function), network: host.networks.network(of: function))
    }
    unknown =
      [state.libvirt.reason, state.qemu.reason].compactMap { $0 }
      + state.allGuests.compactMap(\.state.unavailable)
  }

}

/// A function, with the guests that have it, its claim and its availability.
public struct InventoryDevice: Sendable {
  public let function: PCIFunction
  /// The guests that have the function.
  public let guests: [AssignedGuest]
  /// The entry of the manifests, if a Host names the function.
  public let claim: DeclaredNIC?
  /// `nil` if the function is not a NIC.
  public let availability: Availability?
  /// The other functions of the same IOMMU group.
  public let siblings: [PCIFunction]
  /// The libvirt network that assigns the function to guests.
  public let network: HostdevNetwork?
}

/// A guest that has a function, in its definition or now.
public struct AssignedGuest: Sendable, Equatable {
  public let guest: GuestManager
  /// The name of the guest's NIC in the ownership mark.
  public let guestNIC: String?
  public var isDefined: Bool
  public var isLive: Bool
  public let isManaged: Bool
  public let alias: String?
  /// The libvirt network that assigned it.
  public var network: String?

  /// Returns one entry for each guest, also if both its definition and the running guest have the
  /// function.
  public static func all(_ holdings: [Holding]) -> [AssignedGuest] {
    holdings.reduce(into: []) { result, holding in
      let isLive = holding.part == .live
      if let index = result.firstIndex(where: { $0.guest == holding.guest }) {
        if isLive { result[index].isLive = true } else { result[index].isDefined = true }
        result[index].network = result[index].network ?? holding.network
        return
      }
      result.append(
        AssignedGuest(
          guest: holding.guest, guestNIC: Ownership.nic(ofAlias: holding.hostdev.alias), isDefined: !isLive,
          isLive: isLive, isManaged: holding.hostdev.isManaged, alias: holding.hostdev.alias,
          network: holding.network))
    }
  }
}
