import HostModel
import Manifests

/// What a plan does to a part of a topology.
public enum PlannedChange: String, CaseIterable, Sendable {
  case comes, goes, changes
  /// Something was to be done here, and may not.
  case refused
}

/// A NIC, a bridge on the way to one, or something else that a guest has.
public struct TopologyFunction: Sendable, Equatable {
  public enum Role: Sendable { case port, nic, virtualFunction, other }

  public let address: PCIAddress
  public let role: Role
  /// The bridge that it is behind, or the PF that it is a part of. Nil where it is behind none, or nothing tells.
  public let parent: PCIAddress?
  /// As observed, or as it would come. Nil where only a path or a guest tells of it.
  public let function: PCIFunction?
  /// What manifests call it.
  public let reference: NICReference?
  /// What a plan does to itself, not to what guests have of it.
  public let actions: [Action]
  /// Codes of what stands against that.
  public let refusals: [String]
  public let change: PlannedChange?
}

/// A guest that has something of the host, or is to have it.
public struct TopologyGuest: Sendable, Equatable {
  public let manager: GuestManager
  /// Nil where its manager knows no such guest.
  public let run: Observed<GuestState.Run?>
  /// What manifests call it.
  public let name: String?
}

/// A function in a guest, in its definition or now, or planned.
public struct TopologyHolding: Sendable, Equatable {
  public let function: PCIAddress
  /// Its index among the guests.
  public let guest: Int
  /// The guest's NIC that pcipass's mark names; nil where somebody else put it there.
  public let nic: String?
  /// The libvirt network that assigned it.
  public let network: String?
  public let before: Set<Placement.Part>
  public let after: Set<Placement.Part>
  public let change: PlannedChange?
}
