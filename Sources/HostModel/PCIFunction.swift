import Documents

/// One PCI function as the kernel shows it in /sys/bus/pci/devices (Linux,
/// Documentation/ABI/testing/sysfs-bus-pci).
public struct PCIFunction: Sendable, Equatable {
  public var address: PCIAddress
  public var id: PCIID
  public var subsystem: PCIID?
  public var deviceClass: PCIClass
  /// Vendor and device in words, from pci.ids of hwdata.
  public var name: String?
  /// The driver that is bound now.
  public var driver: String?
  /// The only driver that may bind (`driver_override`).
  public var driverOverride: String?
  /// The native driver: the one that is bound now, that is remembered, or that the module aliases
  /// name. Nil if it is unknown.
  public var nativeDriver: String?
  /// The variant of vfio-pci that the module aliases (modules.alias) recommend for the function.
  /// Nil if there is none or it is unknown.
  public var variantDriver: String?
  /// The number of the IOMMU group; nil if the function is in none.
  public var iommuGroup: Int?
  /// The NUMA node; nil if the kernel reports none (-1).
  public var numaNode: Int?
  /// The path below /sys/devices, from the root complex: `pci0000:00/0000:00:07.0/0000:03:00.0`.
  public var path: String?
  /// The names of the kernel's slots (/sys/bus/pci/slots) that contain the function or a bridge above it, the
  /// nearest first. A VF has the slots of its PF.
  public var slots: [String]
  /// The PCIe Device Serial Number of the card.
  public var serial: String?
  /// The number that the firmware gives to a device of the mainboard (`acpi_index` or `index` in sysfs).
  public var firmwareIndex: Int?
  /// The name that the firmware gives to a device of the mainboard (`label` in sysfs).
  public var firmwareLabel: String?
  /// The SR-IOV capability; nil if the function has none.
  public var sriov: SRIOV?
  /// The PF and the index of a VF; nil for other functions.
  public var virtualFunction: VirtualFunction?
  public var interfaces: [NetworkInterface]
  /// What was observed when the function last had an interface.
  public var remembered: RememberedIdentity?
  /// The processes that have the function open through VFIO or InfiniBand. Only an open file proves that a
  /// process uses it.
  public var holders: Observed<[Holder]>
  /// The files of the function that could not be read or understood. Their values are unknown.
  public var unreadable: [String]

  public init(
    address: PCIAddress, id: PCIID, subsystem: PCIID? = nil, deviceClass: PCIClass, name: String? = nil,
    driver: String? = nil, driverOverride: String? = nil, nativeDriver: String? = nil,
    variantDriver: String? = nil, iommuGroup: Int? = nil, numaNode: Int? = nil, path: String? = nil,
    slots: [String] = [], serial: String? = nil, firmwareIndex: Int? = nil, firmwareLabel: String? = nil,
    sriov: SRIOV? = nil, virtualFunction: VirtualFunction? = nil, interfaces: [NetworkInterface] = [],
    remembered: RememberedIdentity? = nil, holders: Observed<[Holder]> = .known([]), unreadable: [String] = []
  ) {
    self.address = address
    self.id = id
    self.subsystem = subsystem
    self.deviceClass = deviceClass
    self.name = name
    self.driver = driver
    self.driverOverride = driverOverride
    self.nativeDriver = nativeDriver
    self.variantDriver = variantDriver
    self.iommuGroup = iommuGroup
    self.numaNode = numaNode
    self.path = path
    self.slots = slots
    self.serial = serial
    self.firmwareIndex = firmwareIndex
    self.firmwareLabel = firmwareLabel
    self.sriov = sriov
    self.virtualFunction = virtualFunction
    self.interfaces = interfaces
    self.remembered = remembered
    self.holders = holders
    self.unreadable = unreadable
  }
}

/// Class, subclass and programming interface of a function (PCI Code and ID Assignment Specification):
/// `020000` is an Ethernet controller.
public struct PCIClass: Hashable, Sendable, CustomStringConvertible {
  /// The 24 bits of the class code.
  public let code: UInt32

  /// Uses the lower 24 bits.
  public init(_ code: UInt32) { self.code = code & 0xFF_FFFF }

  /// Parses six hexadecimal digits; nil for any other text.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 6, let code = hexadecimal(Array(text.utf8)[...]) else { return nil }
    self.code = code
  }

  /// Whether the base class is 02, a network controller.
  public var isNetwork: Bool { code >> 16 == 0x02 }
  /// Whether the base class is 06, a bridge.
  public var isBridge: Bool { code >> 16 == 0x06 }
  public var description: String { hexadecimal(code, digits: 6) }

  static let form = Form<PCIClass>.text(
    "a class code of six hexadecimal digits", pattern: "^[0-9a-fA-F]{6}$", integers: 100_000...999_999,
    parse: { PCIClass($0) }, print: \.description)
}

/// The SR-IOV capability of a PF.
public struct SRIOV: Sendable, Equatable {
  /// The largest number of VFs (`sriov_totalvfs`).
  public var total: Int
  /// The number of VFs that exist now.
  public var count: Int
  /// Whether the kernel binds drivers to new VFs (`sriov_drivers_autoprobe`).
  public var autoprobe: Bool?
  /// The distance in routing ids from the PF to its VF 0 (`sriov_offset`).
  public var offset: Int?
  /// The distance in routing ids from one VF to the next (`sriov_stride`).
  public var stride: Int?
  /// The device id of the VFs (`sriov_vf_device`).
  public var deviceID: PCIIDHalf?
  /// The variant of vfio-pci that the module aliases recommend for the VFs.
  public var variantDriver: String?

  public init(
    total: Int, count: Int, autoprobe: Bool? = nil, offset: Int? = nil, stride: Int? = nil,
    deviceID: PCIIDHalf? = nil, variantDriver: String? = nil
  ) {
    self.total = total
    self.count = count
    self.autoprobe = autoprobe
    self.offset = offset
    self.stride = stride
    self.deviceID = deviceID
    self.variantDriver = variantDriver
  }

  static let form = Form<SRIOV>.record(
    "SRIOV", "The SR-IOV capability of a PF.",
    Field("total", \.total, .integer(0...65535), "sriov_totalvfs"),
    Field("count", \.count, .integer(0...65535), "The number of VFs that exist (virtfn links)"),
    Field("autoprobe", \.autoprobe, optional: .boolean, "sriov_drivers_autoprobe"),
    Field("offset", \.offset, optional: .integer(0...65535), "sriov_offset"),
    Field("stride", \.stride, optional: .integer(0...65535), "sriov_stride"),
    Field("deviceID", \.deviceID, optional: PCIIDHalf.form, "sriov_vf_device"),
    Field(
      "variantDriver", \.variantDriver, optional: .fileName("a driver name"),
      "The vfio-pci variant driver that the modules.alias of the kernel recommends for the VFs."),
    make: SRIOV.init)
}

/// The PF of a VF and the settings that the PF keeps for it.
public struct VirtualFunction: Sendable, Equatable {
  public var physicalFunction: PCIAddress
  /// The index of the VF at its PF, counted from 0.
  public var index: Int
  public var settings: Observed<VFSettings>

  public init(
    physicalFunction: PCIAddress, index: Int,
    settings: Observed<VFSettings> = .unavailable("not recorded")
  ) {
    self.physicalFunction = physicalFunction
    self.index = index
    self.settings = settings
  }

  static let form = Form<VirtualFunction>.record(
    "VirtualFunction", "The place of a VF in its PF.",
    Field("physicalFunction", \.physicalFunction, PCIAddress.form, "The PF of the VF."),
    Field("index", \.index, .integer(0...65535), "The number of the VF, from 0."),
    Field(
      "settings", \.settings, VFSettings.form.observed, default: .unavailable("not recorded"),
      "The settings of the VF, as its PF reports them."), make: VirtualFunction.init)
}

/// A process that has a function open through VFIO or InfiniBand.
public struct Holder: Sendable, Equatable {
  /// The process id.
  public var process: Int
  /// The command name (/proc/PID/comm).
  public var command: String
  /// The device file that the process has open; nil for the VFIO group of the function.
  public var device: String?

  public init(process: Int, command: String, device: String? = nil) {
    self.process = process
    self.command = command
    self.device = device
  }

  static let form = Form<Holder>.record(
    "Holder", "A process that has the function open through VFIO or InfiniBand.",
    Field("process", \.process, .integer(1...Int(Int32.max)), "The process id."),
    Field("command", \.command, .freeText, "The command name."),
    Field(
      "device", \.device, optional: .freeText,
      "The open device file; if not given, the VFIO file of the IOMMU group of the function."),
    make: Holder.init)
}

extension PCIFunction {
  public static let form = Form<PCIFunction>.record(
    "PCIFunction", "One PCI function.",
    Field("address", \.address, PCIAddress.form, "Domain, bus, device and function."),
    Field("id", \.id, PCIID.form, "Vendor and device id."),
    Field("subsystem", \.subsystem, optional: PCIID.form, "Subsystem vendor and device id."),
    Field("class", \.deviceClass, PCIClass.form, "Class, subclass and programming interface."),
    Field("name", \.name, optional: .freeText, "The names of vendor and device, from pci.ids."),
    Field("driver", \.driver, optional: .fileName("a driver name"), "The bound driver."),
    Field(
      "driverOverride", \.driverOverride, optional: .fileName("a driver name"),
      "The only driver that may bind the function."),
    Field(
      "hostDriver", \.nativeDriver, optional: .fileName("a driver name"),
      "The native driver: the one that the kernel would choose."),
    Field(
      "variantDriver", \.variantDriver, optional: .fileName("a driver name"),
      "The vfio-pci variant driver that the modules.alias of the kernel recommends."),
    Field(
      "iommuGroup", \.iommuGroup, optional: .integer(0...Int(Int32.max)), "The number of the IOMMU group."),
    Field("numaNode", \.numaNode, optional: .integer(0...Int(Int32.max)), "The NUMA node of the function."),
    Field("path", \.path, optional: .devicePath, "The path under /sys/devices."),
    Field(
      "slots", \.slots, .list(of: .fileName("a slot name")), default: [],
      "The slots (/sys/bus/pci/slots) that contain the function or a bridge above it, the nearest first."),
    Field("serial", \.serial, optional: .deviceSerial, "The PCIe Device Serial Number."),
    Field(
      "firmwareIndex", \.firmwareIndex, optional: .integer(0...Int(Int32.max)),
      "The number that the firmware gives to a device of the mainboard (acpi_index or index)."),
    Field(
      "firmwareLabel", \.firmwareLabel, optional: .firmwareLabel,
      "The name that the firmware gives to a device of the mainboard (label)."),
    Field("sriov", \.sriov, optional: SRIOV.form, "The SR-IOV capability, if there is one."),
    Field(
      "virtualFunction", \.virtualFunction, optional: VirtualFunction.form,
      "The place of a VF in its PF; absent for other functions."),
    Field(
      "interfaces", \.interfaces, .list(of: NetworkInterface.form), default: [], "The network interfaces."),
    Field(
      "remembered", \.remembered, optional: RememberedIdentity.form,
      "What pcipass recorded of the function earlier."
    ),
    Field(
      "holders", \.holders, Form<[Holder]>.list(of: Holder.form).observed, default: .known([]),
      "The processes that use the function through VFIO or InfiniBand."),
    Field("unreadable", \.unreadable, .list(of: .freeText), default: [], "What could not be read."),
    make: PCIFunction.init)
}
