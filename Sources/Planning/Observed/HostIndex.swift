import HostModel
import Manifests

/// The observed host with indices by address, IOMMU group, PF and guest.
public struct HostIndex: Sendable {
  public let state: HostState
  let functions: [PCIAddress: PCIFunction]
  let groups: [Int: [PCIFunction]]
  /// The VFs of each PF, in the order of their indices.
  let virtualFunctions: [PCIAddress: [PCIFunction]]
  let guests: [GuestManager: GuestState]
  let holdings: [PCIAddress: [Holding]]
  let networks: NetworkMembers
  let drivers: Set<String>?

  public init(_ state: HostState) {
    self.state = state
    functions = Dictionary(state.functions.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
    var groups: [Int: [PCIFunction]] = [:]
    for function in state.functions {
      if let group = function.iommuGroup { groups[group, default: []].append(function) }
    }
    self.groups = groups
    var members: [PCIAddress: [PCIFunction]] = [:]
    for function in state.functions {
      if let place = function.virtualFunction {
        members[place.physicalFunction, default: []].append(function)
      }
    }
    virtualFunctions = members.mapValues { list in
      list.sorted { ($0.virtualFunction?.index ?? 0) < ($1.virtualFunction?.index ?? 0) }
    }
    networks = NetworkMembers(state)
    var guests: [GuestManager: GuestState] = [:]
    var holdings: [PCIAddress: [Holding]] = [:]
    for (manager, guest) in state.allGuests {
      guests[manager] = guest
      let marked = Set((guest.persistent ?? []).filter(\.isMarked).map(\.address))
      for part in [Placement.Part.live, .persistent] {
        for hostdev in guest.hostdevs(part) ?? [] {
          let isAssignedByPcipass =
            hostdev.isMarked
            || part == .live && marked.contains(hostdev.address) && !hostdev.isCommandLineArgument
          holdings[hostdev.address, default: []].append(
            Holding(
              guest: manager, part: part, hostdev: hostdev, isAssignedByPcipass: isAssignedByPcipass,
              network: part == .live && !isAssignedByPcipass ? networks.assigner(of: hostdev, in: guest) : nil
            ))
        }
      }
    }
    self.guests = guests
    self.holdings = holdings
    drivers = state.kernel.drivers.value.map(Set.init)
  }

  /// Returns the state of a guest, or `nil` if its manager has no guest of that name.
  func guest(_ manager: GuestManager) -> Observed<GuestState?> {
    if let reason = state.guests(of: manager.kind).reason { return .unavailable(reason) }
    guard let guest = guests[manager] else {
      if manager.traits.listsAllGuests { return .known(nil) }
      return .unavailable(
        "\(manager.words) was not queried: name it in a Guest manifest and pass its PATH (also to pcipass snapshot)"
      )
    }
    return guest.unavailable.map { .unavailable($0) } ?? .known(guest)
  }

  /// Returns the holdings of running guests in the IOMMU group of a function. A guest that has one
  /// function of a group has the group open.
  func liveHoldings(ofGroupOf function: PCIFunction) -> [Holding] {
    ([function] + siblings(of: function)).flatMap { holdings[$0.address] ?? [] }.filter { $0.part == .live }
  }

  /// Returns the other functions of the same IOMMU group.
  func siblings(of function: PCIFunction) -> [PCIFunction] {
    guard let group = function.iommuGroup else { return [] }
    return (groups[group] ?? []).filter { $0.address != function.address }
  }
}

extension Hostdev {
  /// Whether the device has the ownership mark of pcipass. An argument for QEMU never counts, whatever id it
  /// has, because pcipass writes no such arguments.
  fileprivate var isMarked: Bool { !isCommandLineArgument && Ownership.nic(ofAlias: alias) != nil }
}
