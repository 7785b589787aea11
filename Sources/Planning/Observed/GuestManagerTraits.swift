import HostModel
import Manifests

/// How a manager of guests differs from the others, in facts for plans and in words for people. Nothing else in Planning
/// and Reporting asks which manager a guest has.
public struct GuestManagerTraits: Sendable {
  /// Which part of a host's state has its guests.
  public let guests: any WritableKeyPath<HostState, Observed<[GuestState]>> & Sendable
  /// Whether it tells of all of its guests. Otherwise those are known that were asked for by name.
  let listsAllGuests: Bool
  /// Whether a guest has a definition beside what runs. A definition has a UUID, by which its guest is found under
  /// another name.
  public let hasDefinition: Bool
  /// Whether it prepares the functions that it assigns: it binds those that are managed to a VFIO driver, for which it
  /// needs `/dev/vfio/vfio`, and sets the MAC address and the VLAN of an interface.
  let preparesDevices: Bool
  /// Whether a device names one of QEMU's device models, and its bus.
  public let namesModels: Bool
  /// The mark of pcipass on the device that a NIC of the guest is.
  let mark: @Sendable (_ nic: String) -> String
  /// Whether both are the same device to it.
  let isSame: @Sendable (Hostdev, Hostdev) -> Bool

  /// Its name in a sentence.
  public let title: String
  /// Its name in documents and ids.
  let key: String
  /// What a guest is called before its name.
  let noun: String
  /// That it has a guest of that name, and how the guest runs.
  let presence: @Sendable (_ name: String, _ run: String) -> String
  /// What happens to a slot when one of its functions is unplugged.
  let slotUnplug: String
  /// The command or element that gives a guest another port.
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
    title: "libvirt", key: "libvirt", noun: "the domain",
    presence: { name, run in "libvirt has \(name): \(run)" },
    slotUnplug: "libvirt unplugs no function of a shared slot",
    portHelp:
      "add <controller type='pci' model='pcie-root-port'/> to its definition for each and start it anew"
  )

  fileprivate static let qemu = GuestManagerTraits(
    guests: \.qemu, listsAllGuests: false, hasDefinition: false, preparesDevices: false, namesModels: true,
    mark: { Ownership.qemuID(of: $0) },
    isSame: { $0.address == $1.address && $0.alias == $1.alias },
    title: "QEMU", key: "qemu", noun: "the QEMU at",
    presence: { _, run in "its QEMU is \(run)" },
    slotUnplug: "QEMU unplugs all functions of a slot together",
    portHelp: "start it with -device pcie-root-port,id=NAME,chassis=NUMBER for each")
}

extension GuestManager {
  public var traits: GuestManagerTraits { kind.traits }

  /// The guest as a part of a sentence.
  var words: String { "\(traits.noun) \(name)" }

  /// Whether both are the same device to the manager of the guest.
  public func isSame(_ one: Hostdev, _ other: Hostdev) -> Bool { traits.isSame(one, other) }

  /// Whether the manager binds the function of the device itself.
  func binds(_ hostdev: Hostdev) -> Bool { traits.preparesDevices && hostdev.isManaged }

  /// The VFIO driver that the definition of a device asks for; nil where it names one of QEMU's device models.
  func vfioModel(of hostdev: Hostdev?) -> String? { traits.namesModels ? nil : hostdev?.vfioModel }
}

extension HostState {
  /// The guests of a manager, or why they are not known.
  public func guests(of kind: GuestManager.Kind) -> Observed<[GuestState]> {
    self[keyPath: kind.traits.guests]
  }

  /// All guests that are known, each with its manager.
  public var allGuests: [(manager: GuestManager, state: GuestState)] {
    GuestManager.Kind.allCases.flatMap { kind in
      (guests(of: kind).value ?? []).map { (GuestManager(kind, $0.name), $0) }
    }
  }

  /// Why the guests of some managers are not known; empty where all are.
  var unknownGuests: [String] { GuestManager.Kind.allCases.compactMap { guests(of: $0).reason } }
}
