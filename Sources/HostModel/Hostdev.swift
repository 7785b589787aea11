import Documents

/// A host PCI function in a guest: `<hostdev>` of libvirt
/// (https://libvirt.org/formatdomain.html#host-device-assignment) or `vfio-pci` of QEMU.
public struct Hostdev: Sendable, Hashable {
  /// The element of libvirt's XML: `<hostdev>`, or `<interface type='hostdev'>` for VFs only.
  public enum ElementKind: String, CaseIterable, Sendable { case hostdev, interface }

  /// The address of the function on the host.
  public var address: PCIAddress
  /// The alias of libvirt or the device id of QEMU. pcipass marks its own devices in it (`Ownership`).
  public var alias: String?
  /// Whether libvirt rebinds the function when the guest starts and stops (`managed='yes'`).
  public var isManaged: Bool
  /// The address in the guest. A rollback needs it to add the device at the same address.
  public var guestAddress: PCIAddress?
  public var device: ElementKind
  /// For QEMU only: the bus of the device. libvirt chooses the bus itself.
  public var bus: String?
  /// The driver that libvirt's XML names, or the device model of QEMU.
  public var driver: String?
  /// The MAC address that libvirt sets on the VF of an interface.
  public var mac: MACAddress?
  /// The VLAN id that libvirt sets on the VF of an interface.
  public var vlan: Int?
  /// The libvirt XML of the device if it contains more than the other properties: a ROM, a boot
  /// order, a VLAN. A rollback needs it.
  public var element: String?
  /// Whether libvirt binds the function for the guest without adding it to the guest (`<address
  /// type='unassigned'/>`).
  public var isUnassigned: Bool
  /// The function numbers of the same slot in the guest that belong to devices other than host functions.
  public var slotFunctions: [Int]
  /// The device that replaces this one while it is unplugged: the alias of an interface (libvirt's
  /// `<teaming>`) or the id in QEMU's `failover_pair_id`.
  public var failoverPartner: String?
  /// The alias that the device gets at the next start. It is recorded if the definition refers to
  /// host devices by alias.
  public var startAlias: String?
  /// Whether the device is an argument for QEMU in the definition (`<qemu:commandline>`), which
  /// libvirt does not manage as a device.
  public var isCommandLineArgument: Bool
  /// The libvirt network (`HostdevNetwork`) that assigned the device to the running guest.
  public var network: String?
  /// For QEMU only: the id of the IOMMUFD object through which the guest has the function, or the
  /// path of the object if it has no id.
  public var iommufd: String?

  public init(
    address: PCIAddress, alias: String?, isManaged: Bool, guestAddress: PCIAddress? = nil,
    device: ElementKind = .hostdev, bus: String? = nil, driver: String? = nil, mac: MACAddress? = nil,
    vlan: Int? = nil, element: String? = nil, isUnassigned: Bool = false, slotFunctions: [Int] = [],
    failoverPartner: String? = nil, startAlias: String? = nil, isCommandLineArgument: Bool = false,
    network: String? = nil, iommufd: String? = nil
  ) {
    self.address = address
    self.alias = alias
    self.isManaged = isManaged
    self.guestAddress = guestAddress
    self.device = device
    self.bus = bus
    self.driver = driver
    self.mac = mac
    self.vlan = vlan
    self.element = element
    self.isUnassigned = isUnassigned
    self.slotFunctions = slotFunctions
    self.failoverPartner = failoverPartner
    self.startAlias = startAlias
    self.isCommandLineArgument = isCommandLineArgument
    self.network = network
    self.iommufd = iommufd
  }

  /// The VFIO driver that libvirt's XML names (`<driver model='mlx5_vfio_pci'/>`). libvirt binds a managed
  /// device to it; for an unmanaged device it accepts any VFIO driver.
  public var vfioModel: String? { driver.flatMap { Drivers.isVFIO($0) ? $0 : nil } }

  /// Whether libvirt treats both as the same device. Only aliases of users are compared, because libvirt
  /// generates the others itself.
  public func isSame(inLibvirt other: Hostdev) -> Bool {
    address == other.address && device == other.device && isManaged == other.isManaged
      && isCommandLineArgument == other.isCommandLineArgument
      && (device == .hostdev || mac == other.mac && vlan == other.vlan)
      && Ownership.userAlias(alias) == Ownership.userAlias(other.alias)
  }

  public static let form = Form<Hostdev>.record(
    "Hostdev", "A host PCI function that is assigned to a guest.",
    Field("address", \.address, PCIAddress.form, "The address of the function on the host."),
    Field("alias", \.alias, optional: .alias, "The libvirt alias or the QEMU id."),
    Field("managed", \.isManaged, .boolean, default: true, "Whether libvirt rebinds the function."),
    Field("guestAddress", \.guestAddress, optional: PCIAddress.form, "The address in the guest."),
    Field(
      "device", \.device, .choice("a device type"), default: .hostdev,
      "A hostdev, or an interface of type hostdev."),
    Field("bus", \.bus, optional: .alias, "QEMU only: the bus of the device."),
    Field(
      "driver", \.driver, optional: .fileName("a driver name"),
      "The driver that the libvirt XML names, or the QEMU device model."),
    Field("mac", \.mac, optional: MACAddress.form, "The MAC address that libvirt sets on an interface."),
    Field("vlan", \.vlan, optional: .integer(0...4095), "The VLAN that libvirt sets on an interface."),
    Field(
      "element", \.element, optional: .freeText,
      "The libvirt XML of the device, if it contains more than the other keys."),
    Field(
      "unassigned", \.isUnassigned, .boolean, default: false,
      "Whether libvirt binds the function for the guest, but does not plug it in."),
    Field(
      "slotFunctions", \.slotFunctions, .list(of: .integer(0...7)), default: [],
      "The functions of its guest slot that belong to devices other than host functions."),
    Field(
      "partner", \.failoverPartner, optional: .alias,
      "The device that replaces this device while this device is unplugged: <teaming> in libvirt, failover_pair_id in QEMU."
    ),
    Field(
      "startAlias", \.startAlias, optional: .alias,
      "The alias of the device at the next start, if the definition refers to host devices by alias."),
    Field(
      "argument", \.isCommandLineArgument, .boolean, default: false,
      "Whether the device is a QEMU argument in the definition (qemu:commandline), unknown to libvirt."),
    Field(
      "network", \.network, optional: .freeText,
      "The libvirt network (forward mode hostdev) from which the running guest got the device."),
    Field(
      "iommufd", \.iommufd, optional: .alias,
      "QEMU only: the id of the IOMMUFD object that the device uses."),
    make: Hostdev.init)
}
