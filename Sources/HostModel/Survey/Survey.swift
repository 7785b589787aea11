/// What is looked at beyond a host's state to say whether it is fit for passthrough. Plans do without it.
public struct Survey: Sendable, Equatable {
  /// Which of the processor's flags that matter are there: vmx, svm, hypervisor.
  public var processorFlags: Observed<Set<String>>
  public var kvm: Observed<KVMDevice>
  /// What the firmware's ACPI tables are called.
  public var firmwareTables: Observed<Set<String>>
  public var bootLines: Observed<[BootLine]>
  public var vfioModule: Observed<ModuleFile>
  /// What loaded modules of VFIO's are set to: `vfio.enable_unsafe_noiommu_mode`.
  public var moduleParameters: Observed<[String: String]>
  /// What modprobe's configuration sets them to.
  public var moduleOptions: Observed<[ModuleOption]>
  public var interrupts: Observed<InterruptRemapping>
  /// Of the NICs.
  public var resets: Observed<[PCIAddress: ResetMethods]>
  /// Of what shares an IOMMU group with a NIC, and of the ports above.
  public var isolation: Observed<[PCIAddress: Isolation]>
  public var lockers: Observed<[MemoryLocker]>
  /// libvirt's daemons that are installed.
  public var daemons: Observed<[String]>
  public var libvirt: Observed<LibvirtService>
  public var emulators: Observed<[Emulator]>
  /// Who looks.
  public var user: Observed<Int>
  public var stateFolder: Observed<StateFolderCondition>
  /// What driverctl binds again at each boot.
  public var driverctl: Observed<[PCIAddress: String]>

  /// Of a host that cannot be asked.
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
  }
}

/// `/dev/kvm`, as who looks finds it.
public enum KVMDevice: Sendable, Equatable {
  case usable, missing
  case refused(String)
}

/// Whether pcipass can keep its journals.
public enum StateFolderCondition: Sendable, Equatable {
  case usable(String)
  /// It is made when it is needed.
  case missing(String)
  case refused(String)
}
