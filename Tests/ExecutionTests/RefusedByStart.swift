import HostModel
import Planning

/// Whether a rollback is refused because of the state before the run.
///
/// Examples: a guest had a part of an IOMMU group, and has kept it open or could not have started
/// with it; a definition had a PF with VFs, which the start of the guest would have deleted; a
/// definition had a NIC that the host, another guest or another tool used.
func isOfStart(_ refusals: [Refusal], on start: HostState) -> Bool {
  let groups = Dictionary(grouping: start.functions.filter { $0.iommuGroup != nil }, by: \.iommuGroup)
  let held = Set(
    start.allGuests.flatMap { ($0.state.persistent ?? []) + ($0.state.live ?? []) }.map(\.address))
  let isShared = groups.values.contains { group in
    group.count > 1 && group.contains { held.contains($0.address) }
  }
  let hasPFs = start.functions.contains { ($0.sriov?.count ?? 0) > 0 && held.contains($0.address) }
  // Domains that were cloned, or to which the same device was assigned by hand.
  let definitions = start.allGuests.flatMap {
    Set((($0.state.persistent ?? []) + ($0.state.live ?? [])).map(\.address))
  }
  let isHeldTwice = Set(definitions).count < definitions.count
  let hasUsed = start.functions.contains { function in
    held.contains(function.address)
      && (function.interfaces.contains { !($0.uses.value?.isEmpty ?? false) }
        || Drivers.isNative(function.driver) && function.interfaces.isEmpty)
  }
  let hasOtherTools = start.functions.contains { function in
    held.contains(function.address)
      && (Drivers.isForeign(function.driver) || Drivers.isForeign(function.driverOverride))
  }
  return refusals.contains { refusal in
    switch refusal.code {
    case .inUse: true
    case .iommuGroup: isShared
    case .virtualFunctions: hasPFs
    case .hostNetwork: hasUsed
    case .ownership: hasOtherTools || isHeldTwice
    default: false
    }
  }
}
