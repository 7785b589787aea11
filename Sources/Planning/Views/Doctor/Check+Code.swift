extension Check {
  /// The subjects of checks, in the order in which they are shown.
  public enum Section: String, CaseIterable, Sendable {
    case virtualization, iommu, kernel, interrupts, groups, resets, memory, programs, guests, permissions,
      tools, boot
    case identities
  }

  /// A problem that a check can find, as a stable keyword. docs/doctor.md describes each.
  public enum Code: String, CaseIterable, Sendable {
    case virtualizationOff = "virtualization-off"
    case kvmMissing = "kvm-missing"
    case kvmRefused = "kvm-refused"
    case iommuFirmware = "iommu-firmware"
    case iommuSwitchedOff = "iommu-switched-off"
    case iommuNotSwitchedOn = "iommu-not-switched-on"
    case iommuOff = "iommu-off"
    case iommuPartial = "iommu-partial"
    case noIOMMUMode = "no-iommu-mode"
    case kernelTooOld = "kernel-too-old"
    case noDriverOverride = "no-driver-override"
    case vfioMissing = "vfio-missing"
    case interruptsNotRemapped = "interrupts-not-remapped"
    case unsafeInterrupts = "unsafe-interrupts"
    case groupShared = "group-shared"
    case acsOverride = "acs-override"
    case noReset = "no-reset"
    case lockedMemory = "locked-memory"
    case libvirtAbsent = "libvirt-absent"
    case libvirtUnreachable = "libvirt-unreachable"
    case libvirtReadOnly = "libvirt-read-only"
    case libvirtTooOld = "libvirt-too-old"
    case qemuMissing = "qemu-missing"
    case qemuTooOld = "qemu-too-old"
    case noFreePort = "no-free-port"
    case guestStart = "guest-start"
    case notRoot = "not-root"
    case stateFolder = "state-folder"
    case unreadable
    case ownership
    case heldByProcess = "held-by-process"
    case driverctl
    case vfioIDs = "vfio-ids"
    case libvirtNetwork = "libvirt-network"
    case networkManager = "network-manager"
    case bootUnits = "boot-units"
    case libvirtHook = "libvirt-hook"
    case noIdentity = "no-identity"

    /// The severity of the finding. Each code has one.
    public var severity: Level {
      switch self {
      case .iommuFirmware, .iommuSwitchedOff, .iommuNotSwitchedOn, .iommuOff, .kernelTooOld, .vfioMissing,
        .interruptsNotRemapped, .stateFolder:
        .error
      case .libvirtAbsent, .libvirtNetwork, .noIdentity: .note
      default: .warning
      }
    }

    public var section: Section {
      switch self {
      case .virtualizationOff, .kvmMissing, .kvmRefused: .virtualization
      case .iommuFirmware, .iommuSwitchedOff, .iommuNotSwitchedOn, .iommuOff, .iommuPartial, .noIOMMUMode:
        .iommu
      case .kernelTooOld, .noDriverOverride, .vfioMissing: .kernel
      case .interruptsNotRemapped, .unsafeInterrupts: .interrupts
      case .groupShared, .acsOverride: .groups
      case .noReset: .resets
      case .lockedMemory: .memory
      case .libvirtAbsent, .libvirtUnreachable, .libvirtReadOnly, .libvirtTooOld, .qemuMissing, .qemuTooOld:
        .programs
      case .noFreePort, .guestStart: .guests
      case .notRoot, .stateFolder, .unreadable: .permissions
      case .bootUnits, .libvirtHook: .boot
      case .ownership, .heldByProcess, .driverctl, .vfioIDs, .libvirtNetwork, .networkManager: .tools
      case .noIdentity: .identities
      }
    }
  }
}
