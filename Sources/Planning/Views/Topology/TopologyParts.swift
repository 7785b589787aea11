import HostModel
import Manifests

/// What a plan does to a part of a topology.
public enum PlannedChange: String, CaseIterable, Sendable {
  case added, removed, changed
  /// The plan would change it, and is refused.
  case refused
}

/// A NIC, a bridge on the path to one, or another function that a guest has.
public struct TopologyFunction: Sendable, Equatable {
  public enum Role: Sendable { case port, nic, virtualFunction, other }

  public let address: PCIAddress
  public let role: Role
  /// The bridge before the function, or its PF; `nil` if there is none or it is not known.
  public let parent: PCIAddress?
  /// The observed function, or the one that the plan creates; `nil` if only a path or a guest names it.
  public let function: PCIFunction?
  /// What manifests call it.
  public let reference: NICReference?
  /// What the plan does to the function itself, not to the devices of guests.
  public let actions: [Action]
  /// The codes of the refusals.
  public let refusals: [String]
  public let change: PlannedChange?
}

/// A guest that has a function of the host, or gets one.
public struct TopologyGuest: Sendable, Equatable {
  public let manager: GuestManager
  /// `nil` if its manager has no such guest.
  public let run: Observed<GuestState.RunState?>
  /// What manifests call it.
  public let name: String?
}

/// A function in a guest, in its definition or now, or planned.
public struct TopologyHolding: Sendable, Equatable {
  public let function: PCIAddress
  /// The index of the guest in `guests`.
  public let guest: Int
  /// The name of the guest's NIC in the ownership mark; `nil` if pcipass did not assign the function.
  public let nic: String?
  /// The libvirt network that assigned it.
  public let network: String?
  /// Why the guest has it, or gets it, from a pool.
  public let assignment: Assignment?
  public let before: Set<Placement.Part>
  public let after: Set<Placement.Part>
  public let change: PlannedChange?
}
