import Documents

/// A guest as its manager (libvirt or QEMU itself) shows it.
public struct GuestState: Sendable, Equatable {
  public enum Run: String, CaseIterable, Sendable { case running, paused, shutoff, crashed }

  /// libvirt's domain name, or the path of QEMU's QMP socket.
  public var name: String
  public var run: Run
  /// What the next start will have; nil where nothing is defined beyond this run.
  public var persistent: [Hostdev]?
  /// What it has now; nil where it does not run.
  public var live: [Hostdev]?
  /// How many more PCI devices can be plugged into it while it runs; nil where that is not known.
  public var freePorts: Int?

  public init(
    name: String, run: Run, persistent: [Hostdev]?, live: [Hostdev]?, freePorts: Int? = nil
  ) {
    self.name = name
    self.run = run
    self.persistent = persistent
    self.live = live
    self.freePorts = freePorts
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
  /// What libvirt's XML names as its driver.
  public var driver: String?
  /// libvirt's XML of it, where it says more than the rest here: a ROM, a boot order, a VLAN. Putting the device
  /// back needs it.
  public var element: String?

  public init(
    address: PCIAddress, alias: String?, isManaged: Bool, guestAddress: PCIAddress? = nil,
    device: Device = .hostdev, driver: String? = nil, element: String? = nil
  ) {
    self.address = address
    self.alias = alias
    self.isManaged = isManaged
    self.guestAddress = guestAddress
    self.device = device
    self.driver = driver
    self.element = element
  }

  /// Whether both are the same device to libvirt. It keeps the aliases that users give, and makes up the others.
  public func isSame(inLibvirt other: Hostdev) -> Bool {
    address == other.address && device == other.device && isManaged == other.isManaged
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
    Field("driver", \.driver, optional: .fileName("a driver's name"), "The driver that libvirt's XML names."),
    Field("element", \.element, optional: .remark, "libvirt's XML of it, where it says more than the rest."),
    make: Hostdev.init)
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
