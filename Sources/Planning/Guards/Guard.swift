import Documents
import HostModel
import Manifests

/// The guards that are asked before a function is changed. The raw values are stable keywords of the JSON
/// format. Each guard is a type in a file of its own.
public enum Guard: String, CaseIterable, Sendable {
  /// The hardware is what the manifest expects.
  case expect
  /// No other tool owns the function, and no guest has it without the ownership mark of pcipass.
  case foreignOwner = "foreign-owner"
  /// No guest that is not described by the manifests has the function from pcipass.
  case unmanaged
  /// The host does not use the function.
  case hostNetwork = "host-network"
  /// No process has the function open, and no guest keeps a VF that would be deleted.
  case inUse = "in-use"
  /// The function is in an IOMMU group.
  case iommuOff = "iommu-off"
  /// The IOMMU group of the function can be used as the plan leaves it.
  case iommuGroup = "iommu-group"
  /// The PF can have the VFs, and no VF is deleted without being declared.
  case virtualFunctions = "virtual-functions"
  /// The guest that claims the function exists.
  case guestMissing = "guest-missing"
  /// The running guest can answer a hot-plug or hot-unplug.
  case guestPaused = "guest-paused"
  /// The running guest has a free port for the function, or its bus allows hot-unplug.
  case noPort = "no-port"
  /// The function has its slot in the guest alone, or leaves the function 0 of that slot in place.
  case guestSlot = "guest-slot"
  /// The guest has no other device of that name.
  case deviceName = "device-name"
  /// References by alias in the definition still mean the same device.
  case aliasReference = "alias-reference"
  /// In a rollback: the effect of the step is unchanged.
  case changed

  /// The questions of the guard. This is the only switch over the guards.
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
    // A rollback asks this of each step when it makes the inverse.
    case .changed: []
    }
  }

  /// The keyword with which a manifest lets a NIC pass this guard, or `nil` if no manifest can.
  var allowance: Allowance? {
    switch self {
    case .foreignOwner: .foreignOwner
    case .hostNetwork: .hostNetwork
    default: nil
    }
  }
}

extension Refusal {
  /// The reason for a refusal: the keyword of the guard that refuses, or the reason why no guard could be
  /// asked.
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
    /// Another number of guests would be pruned than expected.
    case prune
  }
}
