import HostModel
import Manifests

/// The differences between managers of guests: facts for plans, and text for messages. No other
/// code in Planning and Reporting distinguishes between managers.
public struct GuestManagerTraits: Sendable {
  /// The part of a host's state that contains its guests.
  public let guests: any WritableKeyPath<HostState, Observed<[GuestState]>> & Sendable
  /// Whether the manager lists all of its guests. If not, only guests that were queried by name are
  /// known.
  let listsAllGuests: Bool
  /// Whether a guest has a definition apart from the running guest. A definition has a UUID, by
  /// which the guest is found after a rename.
  public let hasDefinition: Bool
  /// Whether the manager prepares the functions that it assigns: it binds managed functions to a
  /// VFIO driver, for which it needs `/dev/vfio/vfio`, and sets the MAC address and the VLAN of an
  /// interface.
  let preparesDevices: Bool
  /// Whether a device names one of QEMU's device models, and its bus.
  public let namesModels: Bool
  /// Returns the ownership mark of the device of a guest's NIC.
  let mark: @Sendable (_ nic: String) -> String
  /// Whether the manager treats both as the same device.
  let isSame: @Sendable (Hostdev, Hostdev) -> Bool

  /// The name of the manager in a sentence.
  public let title: String
  /// The name of the manager in documents and ids.
  let key: String
  /// The noun before the name of a guest.
  let noun: String
  /// Returns the sentence that the guest of that name exists, with its run state.
  let presence: @Sendable (_ name: String, _ run: String) -> String
  /// The sentence about hot-unplugging one function of a shared slot.
  let slotUnplug: String
  /// The help for a guest without a free port.
  let portHelp: String
}

extension GuestManager.Kind {
  public var traits: GuestManagerTraits {
    switch self {
    case .libvirt: .libvirt
    case .qemu: .qemu
    }
  }
}

extension GuestManagerTraits {
  fileprivate static let libvirt = GuestManagerTraits(
    guests: \.libvirt, listsAllGuests: true, hasDefinition: true, preparesDevices: true, namesModels: false,
    mark: { Ownership.libvirtAlias(of: $0) },
    // Devices that differ in `managed`, or in what libvirt sets on them, are different: a step has to change
    // one into the other.
    isSame: { $0.isSame(inLibvirt: $1) },
    title: "libvirt", key: "libvirt", noun: "the libvirt domain",
    presence: { name, run in "the libvirt domain \(name) exists: \(run)" },
    slotUnplug: "libvirt does not hot-unplug a function of a shared slot",
    portHelp:
      "add one <controller type='pci' model='pcie-root-port'/> for each NIC to the definition, then "
      + "shut down and start the guest"
  )

  fileprivate static let qemu = GuestManagerTraits(
    guests: \.qemu, listsAllGuests: false, hasDefinition: false, preparesDevices: false, namesModels: true,
    mark: { Ownership.qemuID(of: $0) },
    isSame: { $0.address == $1.address && $0.alias == $1.alias },
    title: "QEMU", key: "qemu", noun: "the QEMU at",
    presence: { _, run in "the QEMU of the guest is \(run)" },
    slotUnplug: "QEMU hot-unplugs all functions of a slot together",
    portHelp: "restart QEMU with one -device pcie-root-port,id=NAME,chassis=NUMBER for each NIC")
}

extension GuestManager {
  public var traits: GuestManagerTraits { kind.traits }

  /// The guest as a part of a sentence.
  var words: String { "\(traits.noun) \(name)" }

  /// Whether the manager of the guest treats both as the same device.
  public func isSame(_ one: Hostdev, _ other: Hostdev) -> Bool { traits.isSame(one, other) }

  /// Whether the manager binds the function of the device itself.
  func binds(_ hostdev: Hostdev) -> Bool { traits.preparesDevices && hostdev.isManaged }

  /// The VFIO driver that the definition of a device names; nil if it names a QEMU device model.
  func vfioModel(of hostdev: Hostdev?) -> String? { traits.namesModels ? nil : hostdev?.vfioModel }
}

extension HostState {
  /// Returns the guests of a manager, or the reason why they are unknown.
  public func guests(of kind: GuestManager.Kind) -> Observed<[GuestState]> {
    self[keyPath: kind.traits.guests]
  }

  /// All known guests, each with its manager.
  public var allGuests: [(manager: GuestManager, state: GuestState)] {
    GuestManager.Kind.allCases.flatMap { kind in
      (guests(of: kind).value ?? []).map { (GuestManager(kind, $0.name), $0) }
    }
  }

  /// The reasons why guests of some managers are unknown; empty if all are known.
  var unknownGuests: [String] { GuestManager.Kind.allCases.compactMap { guests(of: $0).reason } }
}
