import Documents

/// A guest as its manager (libvirt or QEMU itself) shows it.
public struct GuestState: Sendable, Equatable {
  public enum Run: String, CaseIterable, Sendable { case running, paused, shutoff, crashed, unknown }

  /// libvirt's domain name, or the path of QEMU's QMP socket.
  public var name: String
  /// The UUID of the libvirt domain, which stays when the domain is renamed, or that which QEMU was started with; nil where
  /// there is none, or it was not recorded.
  public var uuid: String?
  /// QEMU only: its process, where it has no UUID.
  public var process: ProcessIdentity?
  public var run: Run
  /// What the next start will have; nil where nothing is defined beyond this run.
  public var persistent: [Hostdev]?
  /// What it has now; nil where it does not run.
  public var live: [Hostdev]?
  /// How many more PCI devices can be plugged into it while it runs; nil where that is not known.
  public var freePorts: Int?
  /// QEMU only: the buses that these are on, and those that are full.
  public var buses: [Bus]
  /// QEMU only: the device models for host functions that it offers, the better one first.
  public var models: [String]
  /// Why nothing is known of it, although it seems to run.
  public var unavailable: String?
  /// What its definition says beside its devices and refers to one of them by alias.
  public var references: [AliasReference]
  /// libvirt only: the networks that assign VFs themselves (`HostdevNetwork`) and that interfaces of its definition are on.
  public var networks: [String]
  /// libvirt only: what its next start restores instead of the definition; nil where there is none, or it was not recorded.
  public var saved: SavedImage?
  /// libvirt only: it was shut off by `virsh save`. `virsh restore` brings back the devices of then; a start does not.
  public var isSavedToFile: Bool
  /// libvirt only: how many snapshots it has. A revert to one replaces its definition.
  public var snapshots: Int

  public init(
    name: String, run: Run, persistent: [Hostdev]?, live: [Hostdev]?, freePorts: Int? = nil,
    buses: [Bus] = [], models: [String] = [], unavailable: String? = nil, uuid: String? = nil,
    process: ProcessIdentity? = nil, references: [AliasReference] = [], networks: [String] = [],
    saved: SavedImage? = nil, isSavedToFile: Bool = false, snapshots: Int = 0
  ) {
    self.name = name
    self.run = run
    self.persistent = persistent
    self.live = live
    self.freePorts = freePorts
    self.buses = buses
    self.models = models
    self.unavailable = unavailable
    self.uuid = uuid
    self.process = process
    self.references = references
    self.networks = networks
    self.saved = saved
    self.isSavedToFile = isSavedToFile
    self.snapshots = snapshots
  }

  /// Which guest it is; nil where that was not recorded.
  public var identity: GuestIdentity? { GuestIdentity(uuid: uuid, process: process) }

  /// QEMU's device model before vfio-pci, for functions on pci-stub (removed in QEMU 2.9).
  public static let oldModel = "pci-assign"

  /// Where devices can be plugged in while the guest runs: a root port takes one, a conventional bus many.
  public struct Bus: Sendable, Hashable {
    public var name: String
    public var free: Int

    public init(name: String, free: Int) {
      self.name = name
      self.free = free
    }

    static let form = Form<Bus>.record(
      "GuestBus", "A bus of a guest that takes devices while it runs.",
      Field("name", \.name, .alias, "Its name, as device_add takes it."),
      Field("free", \.free, .integer(0...65535), "How many more devices it takes."), make: Bus.init)
  }

  public func hostdevs(_ part: Part) -> [Hostdev]? { part == .live ? live : persistent }

  /// The two lists of devices that a guest has; they differ in practice.
  public enum Part: String, CaseIterable, Sendable {
    /// What the next start will have.
    case persistent
    /// What the running guest has.
    case live
  }

  static let form = Form<GuestState>.record(
    "GuestState", "A guest as libvirt or QEMU shows it.",
    Field("name", \.name, .remark, "libvirt's domain name, or the path of the QMP socket."),
    Field("run", \.run, .choice("a guest's state"), "Whether it runs."),
    Field(
      "persistent", \.persistent, optional: .list(of: Hostdev.form),
      "Host devices of its persistent definition."),
    Field("live", \.live, optional: .list(of: Hostdev.form), "Host devices it has now."),
    Field(
      "freePorts", \.freePorts, optional: .integer(0...65535),
      "How many more PCI devices can be plugged into it while it runs."),
    Field(
      "buses", \.buses, .list(of: Bus.form), default: [],
      "QEMU only: the buses that take devices while it runs."),
    Field(
      "models", \.models, .list(of: .fileName("a device model")), default: [],
      "QEMU only: the device models for host functions that it offers."),
    Field("unavailable", \.unavailable, optional: .remark, "Why nothing is known of it."),
    Field(
      "uuid", \.uuid, optional: .uuid, "The UUID of the libvirt domain, or that which QEMU was started with."),
    Field(
      "process", \.process, optional: ProcessIdentity.form,
      "QEMU only: its process where it has no UUID, as PID/START/BOOT: its start in clock ticks since the boot, and "
        + "the boot's id."),
    Field(
      "references", \.references, .list(of: AliasReference.form), default: [],
      "Where the definition refers to a host device by alias outside of its devices."),
    Field(
      "networks", \.networks, .list(of: .remark), default: [],
      "libvirt only: the networks that assign VFs themselves and that interfaces of its definition are on."),
    Field(
      "saved", \.saved, optional: SavedImage.form,
      "libvirt only: the image that its next start restores instead of the definition."),
    Field(
      "savedToFile", \.isSavedToFile, .boolean, default: false,
      "libvirt only: it was shut off by virsh save, and virsh restore brings back the devices of then."),
    Field(
      "snapshots", \.snapshots, .integer(0...65535), default: 0,
      "libvirt only: how many snapshots it has; a revert to one replaces its definition."),
    make: GuestState.init)
}

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

/// Where a definition refers to a device by alias outside of its devices.
public struct AliasReference: Sendable, Hashable {
  public enum Place: String, CaseIterable, Sendable {
    /// The alias of a `<qemu:device>` in `<qemu:override>`.
    case override
    /// `-set device.ALIAS.PROPERTY=VALUE` in `<qemu:commandline>`.
    case set
    /// Any other argument in `<qemu:commandline>` with the alias in it.
    case argument
  }

  public var place: Place
  public var alias: String

  public init(place: Place, alias: String) {
    self.place = place
    self.alias = alias
  }

  static let form = Form<AliasReference>.record(
    "AliasReference", "Where a definition refers to a host device by alias.",
    Field("place", \.place, .choice("a place of a definition"), "In which part of the definition."),
    Field("alias", \.alias, .alias, "The alias that it refers to."), make: AliasReference.init)
}

extension Form<String> {
  /// What libvirt and QEMU both take for the id of a device.
  static let alias = Form.text(
    "a device id", pattern: "^[A-Za-z0-9_.#/-]{1,128}$", integers: 0...Int.max,
    parse: { isAlias($0) ? $0 : nil }, print: { $0 })
}

public func isAlias(_ text: String) -> Bool {
  (1...128).contains(text.utf8.count)
    && text.utf8.allSatisfy { isAlphanumeric($0) || "_.#/-".utf8.contains($0) }
}

/// The mark of what pcipass put into a guest, written where the thing itself lives.
public enum Ownership {
  /// libvirt accepts user aliases only with this beginning, and hands them on to QEMU.
  private static let userPrefix = "ua-"
  private static let libvirtPrefix = userPrefix + "pcipass-"
  private static let qemuPrefix = "pcipass-"

  public static func libvirtAlias(of nic: String) -> String { libvirtPrefix + nic }
  /// The alias, where a user gave it.
  public static func userAlias(_ alias: String?) -> String? {
    alias.flatMap { $0.hasPrefix(userPrefix) ? $0 : nil }
  }

  public static func qemuID(of nic: String) -> String { qemuPrefix + nic }

  /// The guest's NIC that a mark names, or nil where somebody else put the device there.
  public static func nic(ofAlias alias: String?) -> String? {
    guard let alias else { return nil }
    for prefix in [libvirtPrefix, qemuPrefix] where alias.hasPrefix(prefix) && alias != prefix {
      return String(alias.dropFirst(prefix.count))
    }
    return nil
  }
}
