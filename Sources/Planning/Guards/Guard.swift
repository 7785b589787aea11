import Documents
import HostModel
import Manifests

/// The guards that are evaluated before a function is changed, each in a file of its own. The raw
/// values are stable keywords of the JSON format: the name of what the guard checks.
public enum Guard: String, CaseIterable, Sendable {
  /// The hardware is what the manifest expects.
  case hardwareID = "hardware-id"
  /// No other tool owns the function, and no guest has it without the ownership mark of pcipass.
  case ownership
  /// No guest that is not described by the manifests has the function from pcipass.
  case unmanaged
  /// The host does not use the function.
  case hostNetwork = "host-network"
  /// No process has the function open, and no guest keeps a VF that would be deleted.
  case inUse = "in-use"
  /// The function is in an IOMMU group.
  case iommu
  /// The IOMMU group of the function can be used as the plan leaves it.
  case iommuGroup = "iommu-group"
  /// The PF can have the VFs, and no VF is deleted that the manifest does not mention.
  case virtualFunctions = "virtual-functions"
  /// The guest that claims the function exists.
  case guestExists = "guest-exists"
  /// The running guest can answer a hot-plug or hot-unplug.
  case guestRunning = "guest-running"
  /// The running guest has a free port for the function, or its bus allows hot-unplug.
  case freePort = "free-port"
  /// The function is alone in its slot of the guest, or function 0 of that slot stays in place.
  case guestSlot = "guest-slot"
  /// The guest has no other device of that name.
  case deviceName = "device-name"
  /// References by alias in the definition still mean the same device.
  case aliasReference = "alias-reference"
  /// In a rollback: the effect of the step is unchanged.
  case changed

  /// The questions of the guard.
  var questions: [GuardQuestion] {
    switch self {
    case .hardwareID: HardwareGuard.questions
    case .ownership: OwnerGuard.questions
    case .unmanaged: UnmanagedGuard.questions
    case .hostNetwork: HostNetworkGuard.questions
    case .inUse: InUseGuard.questions
    case .iommu: IOMMUGuard.questions
    case .iommuGroup: IOMMUGroupGuard.questions
    case .virtualFunctions: VirtualFunctionsGuard.questions
    case .guestExists: GuestGuard.questions
    case .guestRunning: GuestRunningGuard.questions
    case .freePort: FreePortGuard.questions
    case .guestSlot: GuestSlotGuard.questions
    case .deviceName: DeviceNameGuard.questions
    case .aliasReference: AliasReferenceGuard.questions
    // A rollback checks this for each step when it makes the inverse.
    case .changed: []
    }
  }

  /// Whether only the guests' managers can answer its questions.
  var isAboutGuests: Bool {
    switch self {
    case .guestExists, .guestRunning, .freePort, .guestSlot, .deviceName, .aliasReference: true
    case .hardwareID, .ownership, .unmanaged, .hostNetwork, .inUse, .iommu, .iommuGroup, .virtualFunctions,
      .changed:
      false
    }
  }

  /// The keyword with which a manifest allows violations of this guard, or `nil` if it cannot.
  var allowance: Allowance? {
    switch self {
    case .ownership: .ownership
    case .hostNetwork: .hostNetwork
    default: nil
    }
  }
}

extension Guard {
  /// Earlier versions used the code of the refusal as the name of its guard.
  static let form = Form<Guard>.choice(
    "a guard",
    former: [
      "foreign-owner": .ownership, "expect": .hardwareID, "iommu-off": .iommu, "guest-missing": .guestExists,
      "guest-paused": .guestRunning, "no-port": .freePort,
    ])
}

extension Refusal.Code {
  public static let form = Form<Refusal.Code>.choice(
    "a refusal's code", former: ["foreign-owner": .ownership])
}

extension Refusal {
  /// The reason for a refusal: the code of the guard that refuses, or the reason why no guard could
  /// be evaluated.
  public enum Code: String, CaseIterable, Sendable {
    case select, expect, unsupported, unavailable
    case hostNetwork = "host-network"
    case ownership
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
    /// A pool has no available member for a claim.
    case poolExhausted = "pool-exhausted"
    /// The number of guests that would be pruned is not the expected one.
    case prune
  }
}
