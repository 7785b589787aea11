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

  public init(name: String, run: Run, persistent: [Hostdev]?, live: [Hostdev]?) {
    self.name = name
    self.run = run
    self.persistent = persistent
    self.live = live
  }

  static let form = Form<GuestState>.record(
    "GuestState", "A guest as libvirt or QEMU shows it.",
    Field("name", \.name, .remark, "libvirt's domain name, or the path of the QMP socket."),
    Field("run", \.run, .choice("a guest's state"), "Whether it runs."),
    Field(
      "persistent", \.persistent, optional: .list(of: Hostdev.form),
      "Host devices of its persistent definition."),
    Field("live", \.live, optional: .list(of: Hostdev.form), "Host devices it has now."),
    make: GuestState.init)
}

/// A host PCI function in a guest (libvirt's `<hostdev>`, QEMU's `vfio-pci`).
public struct Hostdev: Sendable, Hashable {
  public var address: PCIAddress
  /// libvirt's alias or QEMU's id. What pcipass made bears its mark.
  public var alias: String?
  /// Whether libvirt itself rebinds the function when the guest starts and stops.
  public var isManaged: Bool
  /// Where it is in the guest, so that taking a change back puts it in the same place.
  public var guestAddress: PCIAddress?

  public init(address: PCIAddress, alias: String?, isManaged: Bool, guestAddress: PCIAddress? = nil) {
    self.address = address
    self.alias = alias
    self.isManaged = isManaged
    self.guestAddress = guestAddress
  }

  public static let form = Form<Hostdev>.record(
    "Hostdev", "A host PCI function in a guest.",
    Field("address", \.address, PCIAddress.form, "The function on the host."),
    Field("alias", \.alias, optional: .alias, "libvirt's alias or QEMU's id."),
    Field("managed", \.isManaged, .boolean, default: true, "Whether libvirt rebinds the function itself."),
    Field("guestAddress", \.guestAddress, optional: PCIAddress.form, "Its address in the guest."),
    make: Hostdev.init)
}

extension Form<String> {
  /// What libvirt and QEMU both take for the id of a device.
  static let alias = Form.text(
    "a device id", pattern: "^[A-Za-z0-9_.#/-]{1,128}$", integers: 0...Int.max,
    parse: { text in
      let isValid =
        (1...128).contains(text.utf8.count)
        && text.utf8.allSatisfy {
          $0 &- UInt8(ascii: "0") < 10 || ($0 | 0x20) &- UInt8(ascii: "a") < 26
            || [
              UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "#"), UInt8(ascii: "/"), UInt8(ascii: "-"),
            ]
            .contains($0)
        }
      return isValid ? text : nil
    }, print: { $0 })
}

/// The mark of what pcipass put into a guest, written where the thing itself lives.
public enum Ownership {
  /// libvirt accepts user aliases only with this beginning, and hands them on to QEMU.
  private static let libvirtPrefix = "ua-pcipass-"
  private static let qemuPrefix = "pcipass-"

  public static func libvirtAlias(of nic: String) -> String { libvirtPrefix + nic }
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
