extension Check {
  /// What a check looks at, as a stable keyword. A check has one name, and one code for each
  /// problem that it can find.
  public enum Topic: String, CaseIterable, Sendable {
    case virtualization, kvm, iommu
    case iommuCoverage = "iommu-coverage"
    case iommuMode = "iommu-mode"
    case kernelVersion = "kernel-version"
    case driverOverride = "driver-override"
    case vfioModule = "vfio-module"
    case interruptRemapping = "interrupt-remapping"
    case unsafeInterrupts = "unsafe-interrupts"
    case iommuGroup = "iommu-group"
    case acsOverride = "acs-override"
    case reset
    case lockedMemory = "locked-memory"
    case libvirt
    case libvirtAccess = "libvirt-access"
    case libvirtVersion = "libvirt-version"
    case qemu
    case qemuVersion = "qemu-version"
    case freePort = "free-port"
    case guestStart = "guest-start"
    case root
    case stateFolder = "state-folder"
    case readable, ownership
    case inUse = "in-use"
    case driverctl
    case vfioIDs = "vfio-ids"
    case libvirtNetwork = "libvirt-network"
    case networkManager = "network-manager"
    case bootUnits = "boot-units"
    case libvirtHook = "libvirt-hook"
    case identity
  }
}

extension Check.Code {
  /// The check that can find the problem.
  public var check: Check.Topic {
    switch self {
    case .virtualizationOff: .virtualization
    case .kvmMissing, .kvmRefused: .kvm
    case .iommuFirmware, .iommuSwitchedOff, .iommuNotSwitchedOn, .iommuOff: .iommu
    case .iommuPartial: .iommuCoverage
    case .noIOMMUMode: .iommuMode
    case .kernelTooOld: .kernelVersion
    case .noDriverOverride: .driverOverride
    case .vfioMissing: .vfioModule
    case .interruptsNotRemapped: .interruptRemapping
    case .unsafeInterrupts: .unsafeInterrupts
    case .groupShared: .iommuGroup
    case .acsOverride: .acsOverride
    case .noReset: .reset
    case .lockedMemory: .lockedMemory
    case .libvirtAbsent, .libvirtUnreachable: .libvirt
    case .libvirtReadOnly: .libvirtAccess
    case .libvirtTooOld: .libvirtVersion
    case .qemuMissing: .qemu
    case .qemuTooOld: .qemuVersion
    case .noFreePort: .freePort
    case .guestStart: .guestStart
    case .notRoot: .root
    case .stateFolder: .stateFolder
    case .unreadable: .readable
    case .ownership: .ownership
    case .heldByProcess: .inUse
    case .driverctl: .driverctl
    case .vfioIDs: .vfioIDs
    case .libvirtNetwork: .libvirtNetwork
    case .networkManager: .networkManager
    case .bootUnits: .bootUnits
    case .libvirtHook: .libvirtHook
    case .noIdentity: .identity
    }
  }
}
