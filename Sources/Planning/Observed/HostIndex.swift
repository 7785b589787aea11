import HostModel
import Manifests

/// The observed host, to be looked up by address, group and guest.
public struct HostIndex: Sendable {
  public let state: HostState
  let functions: [PCIAddress: PCIFunction]
  let groups: [Int: [PCIFunction]]
  /// By their PF, in their order.
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
          let isOurs =
            hostdev.isMarked
            || part == .live && marked.contains(hostdev.address) && !hostdev.isArgument
          holdings[hostdev.address, default: []].append(
            Holding(
              guest: manager, part: part, hostdev: hostdev, isOurs: isOurs,
              network: part == .live && !isOurs ? networks.assigner(of: hostdev, in: guest) : nil))
        }
      }
    }
    self.guests = guests
    self.holdings = holdings
    drivers = state.kernel.drivers.value.map(Set.init)
  }

  /// A guest as its manager shows it: nil where there is none of that name.
  func guest(_ manager: GuestManager) -> Observed<GuestState?> {
    if let reason = state.guests(of: manager.kind).reason { return .unavailable(reason) }
    guard let guest = guests[manager] else {
      if manager.traits.listsAllGuests { return .known(nil) }
      return .unavailable(
        "\(manager.words) was not asked (pcipass snapshot PATH asks those that manifests name)")
    }
    return guest.unavailable.map { .unavailable($0) } ?? .known(guest)
  }

  /// What running guests have of it and of others of its IOMMU group: who has one of these has the group open.
  func liveHoldings(ofGroupOf function: PCIFunction) -> [Holding] {
    ([function] + siblings(of: function)).flatMap { holdings[$0.address] ?? [] }.filter { $0.part == .live }
  }

  /// The other functions of its IOMMU group.
  func siblings(of function: PCIFunction) -> [PCIFunction] {
    guard let group = function.iommuGroup else { return [] }
    return (groups[group] ?? []).filter { $0.address != function.address }
  }
}

extension Hostdev {
  /// Arguments for QEMU are not what pcipass writes, whatever id they give.
  fileprivate var isMarked: Bool { !isArgument && Ownership.nic(ofAlias: alias) != nil }
}
