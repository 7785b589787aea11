import Documents

/// A guest as libvirt or QEMU reports it.
public struct GuestState: Sendable, Equatable {
  /// Whether the guest runs.
  public enum RunState: String, CaseIterable, Sendable {
    case running, paused, shutoff, crashed, unknown

    /// The state as `virsh list` prints it.
    public var words: String { self == .shutoff ? "shut off" : rawValue }
  }

  /// The name of the libvirt domain, or the path of QEMU's QMP socket.
  public var name: String
  /// The UUID of the libvirt domain, which stays when the domain is renamed, or the one that QEMU was started
  /// with. Nil if there is none or an older snapshot does not record it.
  public var uuid: String?
  /// For QEMU only: the process, if the guest has no UUID.
  public var process: ProcessIdentity?
  public var run: RunState
  /// The host devices of the persistent definition, which the next start uses. Nil for a transient domain and
  /// for QEMU without libvirt.
  public var persistent: [Hostdev]?
  /// The host devices of the running guest; nil if it does not run.
  public var live: [Hostdev]?
  /// The number of PCI devices that can still be hot-plugged; nil if it is unknown.
  public var freePorts: Int?
  /// For QEMU only: the buses that accept hot-plugged devices, including full ones.
  public var buses: [Bus]
  /// For QEMU only: the available device models for host functions, in order of preference.
  public var models: [String]
  /// The reason why the state of a guest that seems to run is unknown.
  public var unavailable: String?
  /// The places in the definition, outside of its devices, that refer to a host device by alias.
  public var references: [AliasReference]
  /// For libvirt only: the networks (`HostdevNetwork`) that interfaces of the definition are connected to.
  public var networks: [String]
  /// For libvirt only: the image that the next start restores instead of the definition. Nil if
  /// there is none or an older snapshot does not record it.
  public var saved: SavedImage?
  /// For libvirt only: whether `virsh save` shut the guest off. `virsh restore` restores the devices of that
  /// time; a start does not.
  public var isSavedToFile: Bool
  /// For libvirt only: the number of libvirt snapshots. A revert to one replaces the definition.
  public var snapshots: Int
  /// The NUMA nodes of the host that the guest is restricted to, in ascending order. Nil if it is not restricted
  /// (all nodes), or if that is unknown.
  public var numaNodes: [Int]?
  /// For libvirt only: whether libvirt starts the guest when it starts itself.
  public var isAutostarted: Bool

  public init(
    name: String, run: RunState, persistent: [Hostdev]?, live: [Hostdev]?, freePorts: Int? = nil,
    buses: [Bus] = [], models: [String] = [], unavailable: String? = nil, uuid: String? = nil,
    process: ProcessIdentity? = nil, references: [AliasReference] = [], networks: [String] = [],
    saved: SavedImage? = nil, isSavedToFile: Bool = false, snapshots: Int = 0, numaNodes: [Int]? = nil,
    isAutostarted: Bool = false
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
    self.numaNodes = numaNodes
    self.isAutostarted = isAutostarted
  }

  /// The identity of the guest; nil if it was not recorded.
  public var identity: GuestIdentity? { GuestIdentity(uuid: uuid, process: process) }

  /// QEMU's device model for functions on pci-stub. QEMU removed it after Linux 4.12 had removed the kernel's
  /// part of it.
  public static let legacyModel = "pci-assign"

  /// A bus of a guest that accepts hot-plugged devices. A PCI Express root port accepts one, a conventional
  /// bus many.
  public struct Bus: Sendable, Hashable {
    /// The id of the bus, as QEMU's `device_add` accepts it.
    public var name: String
    /// The number of devices that the bus still accepts.
    public var free: Int

    public init(name: String, free: Int) {
      self.name = name
      self.free = free
    }

    static let form = Form<Bus>.record(
      "GuestBus", "A bus of a guest that accepts hot-plugged devices.",
      Field("name", \.name, .alias, "The name, as device_add expects it."),
      Field("free", \.free, .integer(0...65535), "How many more devices the bus accepts."), make: Bus.init)
  }

  /// The host devices of one part; nil if the guest does not have that part.
  public func hostdevs(_ part: Part) -> [Hostdev]? { part == .live ? live : persistent }

  /// The two lists of devices of a guest, which may differ.
  public enum Part: String, CaseIterable, Sendable {
    /// The definition, which the next start uses.
    case persistent
    /// The running guest.
    case live
  }

  static let form = Form<GuestState>.record(
    "GuestState", "A guest as libvirt or QEMU reports it.",
    Field("name", \.name, .freeText, "The name of the libvirt domain, or the path of the QMP socket."),
    Field("run", \.run, .choice("a guest state"), "Whether the guest runs."),
    Field(
      "persistent", \.persistent, optional: .list(of: Hostdev.form),
      "The host devices of the persistent definition."),
    Field("live", \.live, optional: .list(of: Hostdev.form), "The host devices of the running guest."),
    Field(
      "freePorts", \.freePorts, optional: .integer(0...65535),
      "How many more PCI devices can be hot-plugged into the guest."),
    Field(
      "buses", \.buses, .list(of: Bus.form), default: [],
      "QEMU only: the buses that accept hot-plugged devices."),
    Field(
      "models", \.models, .list(of: .fileName("a device model")), default: [],
      "QEMU only: the device models for host functions that this QEMU offers."),
    Field("unavailable", \.unavailable, optional: .freeText, "Why the guest could not be read."),
    Field(
      "uuid", \.uuid, optional: .uuid,
      "The UUID of the libvirt domain, or the UUID with which QEMU was started."),
    Field(
      "process", \.process, optional: ProcessIdentity.form,
      "QEMU only: the process, if the guest has no UUID, as PID/START/BOOT: the start in clock ticks since the boot, and "
        + "the id of the boot."),
    Field(
      "references", \.references, .list(of: AliasReference.form), default: [],
      "The references to host devices by alias, outside of the devices of the definition."),
    Field(
      "networks", \.networks, .list(of: .freeText), default: [],
      "libvirt only: the networks that assign VFs to interfaces of the definition."),
    Field(
      "saved", \.saved, optional: SavedImage.form,
      "libvirt only: the image that the next start restores instead of the definition."),
    Field(
      "savedToFile", \.isSavedToFile, .boolean, default: false,
      "libvirt only: virsh save shut the guest off, and virsh restore restores the devices that it had."),
    Field(
      "snapshots", \.snapshots, .integer(0...65535), default: 0,
      "libvirt only: how many snapshots the domain has; reverting to one replaces the definition."),
    Field(
      "numaNodes", \.numaNodes, optional: .list(of: NUMANode.number),
      "The NUMA nodes of the host that the guest is restricted to; absent if it is not restricted, or if that is "
        + "unknown."),
    Field(
      "autostart", \.isAutostarted, .boolean, default: false,
      "libvirt only: whether libvirt starts the guest when it starts itself."),
    make: GuestState.init)
}
