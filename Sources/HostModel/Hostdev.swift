import Documents

/// A host PCI function in a guest (libvirt's `<hostdev>`, QEMU's `vfio-pci`).
public struct Hostdev: Sendable, Hashable {
  /// How libvirt is told of it: a plain hostdev, or an interface of type hostdev (VFs only).
  public enum Device: String, CaseIterable, Sendable { case hostdev, interface }

  public var address: PCIAddress
  /// libvirt's alias or QEMU's id. What pcipass made bears its mark.
  public var alias: String?
  /// Whether libvirt itself rebinds the function when the guest starts and stops.
  public var isManaged: Bool
  /// Where it is in the guest, so that taking a change back puts it in the same place.
  public var guestAddress: PCIAddress?
  public var device: Device
  /// QEMU only: the bus it is on; libvirt chooses that itself.
  public var bus: String?
  /// What libvirt's XML names as its driver, or QEMU's device model.
  public var driver: String?
  /// What libvirt itself sets on the VF: an interface's MAC address and VLAN.
  public var mac: MACAddress?
  public var vlan: Int?
  /// libvirt's XML of it, where it says more than the rest here: a ROM, a boot order, a VLAN. Putting the device
  /// back needs it.
  public var element: String?
  /// libvirt binds it for the guest, which does not see it (`<address type='unassigned'/>`).
  public var isUnassigned: Bool
  /// The functions of its slot in the guest that other devices than host functions have.
  public var slotFunctions: [Int]
  /// The device that takes over while this one is away: the alias of an interface (`<teaming>`), or the id that QEMU's
  /// `failover_pair_id` names.
  public var partner: String?
  /// The alias that it has at the next start, where the definition refers to host devices by alias.
  public var startAlias: String?
  /// It is an argument for QEMU that the definition carries (`<qemu:commandline>`), and not a device to libvirt.
  public var isArgument: Bool
  /// The libvirt network (`HostdevNetwork`) that a running guest got it from.
  public var network: String?
  /// QEMU only: the id of the IOMMUFD object by which it has the function, or the object's path where it has no id.
  public var iommufd: String?

  public init(
    address: PCIAddress, alias: String?, isManaged: Bool, guestAddress: PCIAddress? = nil,
    device: Device = .hostdev, bus: String? = nil, driver: String? = nil, mac: MACAddress? = nil,
    vlan: Int? = nil, element: String? = nil, isUnassigned: Bool = false, slotFunctions: [Int] = [],
    partner: String? = nil, startAlias: String? = nil, isArgument: Bool = false,
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
    self.partner = partner
    self.startAlias = startAlias
    self.isArgument = isArgument
    self.network = network
    self.iommufd = iommufd
  }

  /// The VFIO driver that libvirt's XML asks for (`<driver model='mlx5_vfio_pci'/>`): libvirt binds a managed device to it.
  /// One that is not managed is taken from any.
  public var vfioModel: String? { driver.flatMap { Drivers.opensVFIO($0) ? $0 : nil } }

  /// Whether both are the same device to libvirt. It keeps the aliases that users give, and makes up the others.
  public func isSame(inLibvirt other: Hostdev) -> Bool {
    address == other.address && device == other.device && isManaged == other.isManaged
      && isArgument == other.isArgument
      && (device == .hostdev || mac == other.mac && vlan == other.vlan)
      && Ownership.userAlias(alias) == Ownership.userAlias(other.alias)
  }

  public static let form = Form<Hostdev>.record(
    "Hostdev", "A host PCI function in a guest.",
    Field("address", \.address, PCIAddress.form, "The function on the host."),
    Field("alias", \.alias, optional: .alias, "libvirt's alias or QEMU's id."),
    Field("managed", \.isManaged, .boolean, default: true, "Whether libvirt rebinds the function itself."),
    Field("guestAddress", \.guestAddress, optional: PCIAddress.form, "Its address in the guest."),
    Field(
      "device", \.device, .choice("a way to hand out"), default: .hostdev,
      "A plain hostdev, or an interface of type hostdev."),
    Field("bus", \.bus, optional: .alias, "QEMU only: the bus it is on."),
    Field(
      "driver", \.driver, optional: .fileName("a driver's name"),
      "The driver that libvirt's XML names, or QEMU's device model."),
    Field("mac", \.mac, optional: MACAddress.form, "The MAC address that libvirt gives an interface."),
    Field("vlan", \.vlan, optional: .integer(0...4095), "The VLAN that libvirt puts an interface into."),
    Field("element", \.element, optional: .remark, "libvirt's XML of it, where it says more than the rest."),
    Field(
      "unassigned", \.isUnassigned, .boolean, default: false,
      "Whether libvirt binds it for the guest, which does not see it."),
    Field(
      "slotFunctions", \.slotFunctions, .list(of: .integer(0...7)), default: [],
      "The functions of its slot in the guest that other devices than host functions have."),
    Field(
      "partner", \.partner, optional: .alias,
      "The device that takes over while it is away: <teaming> of libvirt, failover_pair_id of QEMU."),
    Field(
      "startAlias", \.startAlias, optional: .alias,
      "The alias that it has at the next start, where the definition refers to host devices by alias."),
    Field(
      "argument", \.isArgument, .boolean, default: false,
      "Whether it is an argument for QEMU in the definition (qemu:commandline), and not a device to libvirt."),
    Field(
      "network", \.network, optional: .remark,
      "The libvirt network (forward mode hostdev) that the running guest got it from."),
    Field(
      "iommufd", \.iommufd, optional: .alias,
      "QEMU only: the id of the IOMMUFD object by which it has the function."),
    make: Hostdev.init)
}
