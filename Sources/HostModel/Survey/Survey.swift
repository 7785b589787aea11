/// What `pcipass doctor` reads in addition to the host state, to decide whether the host is fit for
/// passthrough. Plans do not need it.
public struct Survey: Sendable, Equatable {
  /// The relevant flags of the processor that are present: `vmx`, `svm`, `hypervisor` (/proc/cpuinfo).
  public var processorFlags: Observed<Set<String>>
  /// Whether this user can use KVM.
  public var kvm: Observed<KVMDevice>
  /// The names of the ACPI tables (/sys/firmware/acpi/tables).
  public var firmwareTables: Observed<Set<String>>
  /// The lines of boot loader files that set kernel parameters.
  public var bootLines: Observed<[BootLine]>
  /// Where the module vfio-pci comes from.
  public var vfioModule: Observed<ModuleFile>
  /// The parameters of the loaded VFIO modules, by name: `vfio.enable_unsafe_noiommu_mode`.
  public var moduleParameters: Observed<[String: String]>
  /// The settings of the same parameters in modprobe's configuration.
  public var moduleOptions: Observed<[ModuleOption]>
  public var interrupts: Observed<InterruptRemapping>
  /// The reset methods of the NICs.
  public var resets: Observed<[PCIAddress: ResetMethods]>
  /// The ACS of the functions that share an IOMMU group with a NIC, and of the ports above them.
  public var isolation: Observed<[PCIAddress: Isolation]>
  /// The processes that lock the memory of guests.
  public var lockers: Observed<[MemoryLocker]>
  /// The installed libvirt daemons.
  public var daemons: Observed<[String]>
  public var libvirt: Observed<LibvirtService>
  /// The QEMU programs that are installed.
  public var emulators: Observed<[Emulator]>
  /// The effective user id of pcipass.
  public var user: Observed<Int>
  public var stateFolder: Observed<StateFolderCondition>
  /// The drivers to which driverctl binds functions at each boot.
  public var driverctl: Observed<[PCIAddress: String]>
  public var networkManagers: NetworkManagers
  public var bootSetup: Observed<BootSetup>

  /// A survey in which everything is unavailable for the same reason.
  public init(unknown reason: String) {
    processorFlags = .unavailable(reason)
    kvm = .unavailable(reason)
    firmwareTables = .unavailable(reason)
    bootLines = .unavailable(reason)
    vfioModule = .unavailable(reason)
    moduleParameters = .unavailable(reason)
    moduleOptions = .unavailable(reason)
    interrupts = .unavailable(reason)
    resets = .unavailable(reason)
    isolation = .unavailable(reason)
    lockers = .unavailable(reason)
    daemons = .unavailable(reason)
    libvirt = .unavailable(reason)
    emulators = .unavailable(reason)
    user = .unavailable(reason)
    stateFolder = .unavailable(reason)
    driverctl = .unavailable(reason)
    networkManagers = NetworkManagers(unknown: reason)
    bootSetup = .unavailable(reason)
  }
}

/// Whether this user can open /dev/kvm.
public enum KVMDevice: Sendable, Equatable {
  case usable, missing
  case refused(String)
}

/// Whether pcipass can use its state folder, with the folder's path or the reason against it.
public enum StateFolderCondition: Sendable, Equatable {
  case usable(String)
  /// The folder does not exist yet. pcipass creates it when it needs it.
  case missing(String)
  case refused(String)
}
