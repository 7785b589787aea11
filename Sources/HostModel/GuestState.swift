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
