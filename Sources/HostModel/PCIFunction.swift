import Documents

/// One PCI function as the kernel shows it in `/sys/bus/pci/devices` (Linux,
/// Documentation/ABI/testing/sysfs-bus-pci).
public struct PCIFunction: Sendable, Equatable {
  public var address: PCIAddress
  public var id: PCIID
  public var subsystem: PCIID?
  public var deviceClass: PCIClass
  public var name: String?
  public var driver: String?
  public var driverOverride: String?
  /// The driver the kernel itself would choose: the one bound now, remembered, or named by the
  /// modules' aliases. Nil where nothing tells.
  public var hostDriver: String?
  /// The variant of vfio-pci that the modules' aliases recommend for it. Nil where they recommend none, or it is not known.
  public var variantDriver: String?
  public var iommuGroup: Int?
  public var numaNode: Int?
  public var path: String?
  public var serial: String?
  public var sriov: SRIOV?
  public var virtualFunction: VirtualFunction?
  public var interfaces: [NetworkInterface]
  public var remembered: Identity?
  /// Processes that hold the function's VFIO group or device open: the true test for use.
  public var holders: Observed<[Holder]>
  /// Files of the function that could not be read or made no sense; what they say is unknown.
  public var unreadable: [String]

  public init(
    address: PCIAddress, id: PCIID, subsystem: PCIID? = nil, deviceClass: PCIClass, name: String? = nil,
    driver: String? = nil, driverOverride: String? = nil, hostDriver: String? = nil,
    variantDriver: String? = nil, iommuGroup: Int? = nil, numaNode: Int? = nil, path: String? = nil,
    serial: String? = nil,
    sriov: SRIOV? = nil, virtualFunction: VirtualFunction? = nil, interfaces: [NetworkInterface] = [],
    remembered: Identity? = nil, holders: Observed<[Holder]> = .known([]), unreadable: [String] = []
  ) {
    self.address = address
    self.id = id
    self.subsystem = subsystem
    self.deviceClass = deviceClass
    self.name = name
    self.driver = driver
    self.driverOverride = driverOverride
    self.hostDriver = hostDriver
    self.variantDriver = variantDriver
    self.iommuGroup = iommuGroup
    self.numaNode = numaNode
    self.path = path
    self.serial = serial
    self.sriov = sriov
    self.virtualFunction = virtualFunction
    self.interfaces = interfaces
    self.remembered = remembered
    self.holders = holders
    self.unreadable = unreadable
  }
}

extension PCIFunction {
  /// Its interfaces that are in the host's own network namespace.
  public var ownInterfaces: [NetworkInterface] { interfaces.filter { $0.namespace == nil } }

  /// What its interfaces are called, or where it has none, what the one was called that was seen of it before.
  public var interfaceNames: [String] {
    let own = ownInterfaces
    return own.isEmpty ? [remembered?.interface].compactMap { $0 } : own.map(\.name)
  }

  /// The hardware's own address, of its first interface, or what was seen of that before.
  public var permanentMAC: MACAddress? { interfaces.first?.permanentMAC ?? remembered?.mac }

  /// From its root port to itself, as its path tells.
  public var way: [PCIAddress] { (path ?? "").split(separator: "/").compactMap { PCIAddress($0) } }
}

/// Class, subclass and programming interface: `020000` is an Ethernet controller.
public struct PCIClass: Hashable, Sendable, CustomStringConvertible {
  public let code: UInt32

  public init(_ code: UInt32) { self.code = code & 0xFF_FFFF }

  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 6, let code = hexadecimal(Array(text.utf8)[...]) else { return nil }
    self.code = code
  }

  public var isNetwork: Bool { code >> 16 == 0x02 }
  public var isBridge: Bool { code >> 16 == 0x06 }
  public var description: String { hexadecimal(code, digits: 6) }

  static let form = Form<PCIClass>.text(
    "a class code of six hexadecimal digits", pattern: "^[0-9a-fA-F]{6}$", integers: 100_000...999_999,
    parse: { PCIClass($0) }, print: \.description)
}

/// A physical function's SR-IOV capability: how many VFs it can have and has, and where they are.
public struct SRIOV: Sendable, Equatable {
  public var total: Int
  public var count: Int
  public var autoprobe: Bool?
  /// Routing ids from the PF to its VF 0, and from each VF to the next.
  public var offset: Int?
  public var stride: Int?
  /// The device id of its VFs.
  public var deviceID: PCIIDHalf?
  /// The variant of vfio-pci that the modules' aliases recommend for its VFs.
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
    "SRIOV", "A physical function's SR-IOV capability.",
    Field("total", \.total, .integer(0...65535), "sriov_totalvfs"),
    Field("count", \.count, .integer(0...65535), "VFs that exist (the virtfn links)"),
    Field("autoprobe", \.autoprobe, optional: .boolean, "sriov_drivers_autoprobe"),
    Field("offset", \.offset, optional: .integer(0...65535), "sriov_offset"),
    Field("stride", \.stride, optional: .integer(0...65535), "sriov_stride"),
    Field("deviceID", \.deviceID, optional: PCIIDHalf.form, "sriov_vf_device"),
    Field(
      "variantDriver", \.variantDriver, optional: .fileName("a driver's name"),
      "The variant of vfio-pci that the kernel's modules.alias recommends for its VFs."),
    make: SRIOV.init)
}

/// What a virtual function belongs to, and what its PF holds of it.
public struct VirtualFunction: Sendable, Equatable {
  public var physicalFunction: PCIAddress
  public var index: Int
  public var settings: Observed<VFSettings>

  public init(
    physicalFunction: PCIAddress, index: Int,
    settings: Observed<VFSettings> = .unavailable("they were not read")
  ) {
    self.physicalFunction = physicalFunction
    self.index = index
    self.settings = settings
  }

  static let form = Form<VirtualFunction>.record(
    "VirtualFunction", "What a virtual function belongs to.",
    Field("physicalFunction", \.physicalFunction, PCIAddress.form, "The function it is part of."),
    Field("index", \.index, .integer(0...65535), "Its number there, from 0."),
    Field(
      "settings", \.settings, VFSettings.form.observed, default: .unavailable("they were not read"),
      "What its PF holds of it."), make: VirtualFunction.init)
}

/// A process that has a function open through VFIO.
public struct Holder: Sendable, Equatable {
  public var process: Int
  public var command: String
  /// The device file that it has open, where that is not VFIO's for the function's group.
  public var device: String?

  public init(process: Int, command: String, device: String? = nil) {
    self.process = process
    self.command = command
    self.device = device
  }

  static let form = Form<Holder>.record(
    "Holder", "A process that has the function open through VFIO or InfiniBand.",
    Field("process", \.process, .integer(1...Int(Int32.max)), "Its process id."),
    Field("command", \.command, .remark, "Its command name."),
    Field(
      "device", \.device, optional: .remark,
      "The device file that it has open; if not given, VFIO's for the function's group."), make: Holder.init)
}

/// What is remembered of a function that has no interface at the moment: a NIC on vfio-pci shows
/// neither its MAC nor its name.
public struct Identity: Sendable, Equatable {
  public var mac: MACAddress?
  public var interface: String?
  public var driver: String?

  public init(mac: MACAddress?, interface: String?, driver: String?) {
    self.mac = mac
    self.interface = interface
    self.driver = driver
  }

  public static let form = Form<Identity>.record(
    "Identity", "What was seen of the function when it last had an interface.",
    Field("mac", \.mac, optional: MACAddress.form, "Its permanent MAC address."),
    Field("interface", \.interface, optional: .interfaceName, "Its interface's name."),
    Field("driver", \.driver, optional: .fileName("a driver's name"), "Its own driver."), make: Identity.init)
}

extension PCIFunction {
  public static let form = Form<PCIFunction>.record(
    "PCIFunction", "One PCI function.",
    Field("address", \.address, PCIAddress.form, "Domain, bus, device and function."),
    Field("id", \.id, PCIID.form, "Vendor and device id."),
    Field("subsystem", \.subsystem, optional: PCIID.form, "Subsystem vendor and device id."),
    Field("class", \.deviceClass, PCIClass.form, "Class, subclass and programming interface."),
    Field("name", \.name, optional: .remark, "Vendor and device in words, from hwdata's pci.ids."),
    Field("driver", \.driver, optional: .fileName("a driver's name"), "The driver bound now."),
    Field(
      "driverOverride", \.driverOverride, optional: .fileName("a driver's name"),
      "The only driver that may bind."),
    Field(
      "hostDriver", \.hostDriver, optional: .fileName("a driver's name"),
      "The driver the kernel would choose."),
    Field(
      "variantDriver", \.variantDriver, optional: .fileName("a driver's name"),
      "The variant of vfio-pci that the kernel's modules.alias recommends."),
    Field("iommuGroup", \.iommuGroup, optional: .integer(0...Int(Int32.max)), "The IOMMU group's number."),
    Field("numaNode", \.numaNode, optional: .integer(0...Int(Int32.max)), "The NUMA node it is attached to."),
    Field("path", \.path, optional: .devicePath, "Its place below /sys/devices."),
    Field("serial", \.serial, optional: .deviceSerial, "PCIe Device Serial Number."),
    Field("sriov", \.sriov, optional: SRIOV.form, "Its SR-IOV capability, where it has one."),
    Field("virtualFunction", \.virtualFunction, optional: VirtualFunction.form, "Where it is a VF."),
    Field(
      "interfaces", \.interfaces, .list(of: NetworkInterface.form), default: [], "Its network interfaces."),
    Field("remembered", \.remembered, optional: Identity.form, "What was seen of it before."),
    Field(
      "holders", \.holders, Form<[Holder]>.list(of: Holder.form).observed, default: .known([]),
      "Processes that use it through VFIO or InfiniBand."),
    Field("unreadable", \.unreadable, .list(of: .remark), default: [], "What could not be read of it."),
    make: PCIFunction.init)
}
