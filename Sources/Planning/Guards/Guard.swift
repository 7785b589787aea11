import Documents
import HostModel
import Manifests

/// What is asked before a function is changed, as a stable keyword. Each guard is in a file of its own.
public enum Guard: String, CaseIterable, Sendable {
  /// The hardware is what the manifest says.
  case expect
  /// No other tool has it, and no guest has it without the mark of pcipass.
  case foreignOwner = "foreign-owner"
  /// No guest has it from pcipass that the manifests do not describe.
  case unmanaged
  /// The host itself does not use it.
  case hostNetwork = "host-network"
  /// No process has it open.
  case inUse = "in-use"
  /// It is in an IOMMU group.
  case iommuOff = "iommu-off"
  /// Its group can go where it goes.
  case iommuGroup = "iommu-group"
  /// Its VFs can be had, and do not vanish unasked.
  case virtualFunctions = "virtual-functions"
  /// The guest that claims it is there.
  case guestMissing = "guest-missing"
  /// The running guest can take it or let it go.
  case guestPaused = "guest-paused"
  /// The running guest has a port to plug it into, or lets it go from the one it is in.
  case noPort = "no-port"
  /// The function leaves its slot in the guest alone, and leaves no others behind that the guest cannot see.
  case guestSlot = "guest-slot"
  /// The guest has no other device of that name.
  case deviceName = "device-name"
  /// What the guest's definition says of a device by its alias stays with that device.
  case aliasReference = "alias-reference"
  /// A way back: what the plan left is still so.
  case changed

  /// What the guard asks. The only switch over the guards.
  var questions: [GuardQuestion] {
    switch self {
    case .expect: HardwareGuard.questions
    case .foreignOwner: OwnerGuard.questions
    case .unmanaged: UnmanagedGuard.questions
    case .hostNetwork: HostNetworkGuard.questions
    case .inUse: InUseGuard.questions
    case .iommuOff: IOMMUGuard.questions
    case .iommuGroup: IOMMUGroupGuard.questions
    case .virtualFunctions: VirtualFunctionsGuard.questions
    case .guestMissing: GuestGuard.questions
    case .guestPaused: GuestRunningGuard.questions
    case .noPort: FreePortGuard.questions
    case .guestSlot: GuestSlotGuard.questions
    case .deviceName: DeviceNameGuard.questions
    case .aliasReference: AliasReferenceGuard.questions
    // A way back asks this of each of its steps when it makes them.
    case .changed: []
    }
  }

  /// By which a manifest lets a NIC pass this guard; nil where no manifest may.
  var allowance: Allowance? {
    switch self {
    case .foreignOwner: .foreignOwner
    case .hostNetwork: .hostNetwork
    default: nil
    }
  }
}

extension Refusal {
  /// Why a part of a plan cannot be: the keyword of the guard that stands against it, or that no guard could be asked.
  public enum Code: String, CaseIterable, Sendable {
    case select, expect, unsupported, unavailable
    case hostNetwork = "host-network"
    case foreignOwner = "foreign-owner"
    case inUse = "in-use"
    case iommuOff = "iommu-off"
    case iommuGroup = "iommu-group"
    case virtualFunctions = "virtual-functions"
    case guestMissing = "guest-missing"
    case guestPaused = "guest-paused"
    case noPort = "no-port"
    case guestSlot = "guest-slot"
    case aliasReference = "alias-reference"
    case changed
    /// More would be pruned than was expected.
    case prune
  }
}
