import Documents
import HostModel
import Manifests

/// A hostdev that is added to or removed from the definition of a guest or the running guest: what attaching
/// and detaching have in common.
public struct DeviceChange: Sendable, Hashable {
  public var hostdev: Hostdev
  public var placement: Placement
  public var isAdded: Bool

  public init(_ hostdev: Hostdev, _ placement: Placement, isAdded: Bool) {
    self.hostdev = hostdev
    self.placement = placement
    self.isAdded = isAdded
  }

  /// Whether the running guest changes, not its definition.
  public var isLive: Bool { placement.part == .live }

  var aspect: Aspect { Aspect("device", of: hostdev.address, placement) }

  /// A definition is on disk; the devices of a running guest are not.
  var outlivesBoot: Bool { placement.part == .persistent }

  var disturbance: Step.Disturbance { isLive ? .runningGuest : .nothing }

  func state(on host: HostIndex) -> StepState {
    guard case .known(let guest) = host.guest(placement.guest) else {
      return .other("the devices of the guest are unknown")
    }
    return state(in: guest)
  }

  /// Returns how far the step has come in a guest. A guest that does not run, or does not exist, has no
  /// devices.
  public func state(in guest: GuestState?) -> StepState {
    let isThere = (guest?.hostdevs(placement.part) ?? []).contains { placement.guest.isSame($0, hostdev) }
    return isThere == isAdded ? .done : .notDone
  }

  func differences(for step: Step) -> [Difference] {
    let words = hostdev.words(in: placement)
    return [
      Difference(
        isLive ? .live : .definition, desired: isAdded ? words : Difference.absent,
        observed: isAdded ? Difference.absent : words, in: step.guest, by: step)
    ]
  }

  /// libvirt takes the job lock of the whole domain, and a QEMU monitor serves one client at a time. Changing
  /// a definition uses no hardware.
  func resources(on host: HostIndex) -> ResourceUse {
    var use = ResourceUse(exclusive: [.guest(placement.guest)])
    guard isLive else { return use }
    use.formUnion(host.opening(of: hostdev.address))
    // libvirt sets the MAC address and the VLAN of such a VF through its PF.
    if hostdev.device == .interface, let physical = host.physicalFunction(of: hostdev.address) {
      use.exclusive.insert(.vfSettings(of: physical))
    }
    return use
  }

  static let form = Form<DeviceChange>.record(
    "HostdevChange", "A hostdev and its guest.",
    Field("hostdev", \.hostdev, Hostdev.form, "The device."),
    Field("guest", \.placement.guest, guest, "The guest, by the name that its manager has for it."),
    Field("part", \.placement.part, .choice("a part of a guest"), "Its definition, or the running guest."),
    make: { hostdev, guest, part in
      DeviceChange(hostdev, Placement(guest: guest, part: part), isAdded: true)
    })

  static let guest = Form<GuestManager>.variants(
    "a manager of guests",
    Variant(
      "libvirt", .domainName, "The name of a libvirt domain.", wrap: { .libvirt(domain: $0) },
      unwrap: { $0.kind == .libvirt ? $0.name : nil }),
    Variant(
      "qemu", .absolutePath, "The path of a QMP socket.", wrap: { .qemu(socket: $0) },
      unwrap: { $0.kind == .qemu ? $0.name : nil }))
}

extension Hostdev {
  /// Returns the properties that decide whether the device is in sync.
  func words(in placement: Placement) -> String {
    var words = [
      "present " + (Ownership.nic(ofAlias: alias).map { "as \($0)" } ?? "without the mark of pcipass")
    ]
    if placement.guest.traits.preparesDevices, !isManaged { words.append("not managed") }
    if device == .interface {
      words.append("an interface")
      words += [mac.map { "MAC \($0)" }, vlan.map { "VLAN \($0)" }].compactMap { $0 }
    }
    return words.joined(separator: ", ")
  }
}
