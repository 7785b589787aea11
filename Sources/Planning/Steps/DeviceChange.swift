import Documents
import HostModel
import Manifests

/// A hostdev that is added to a guest's definition or to the running guest, or removed from there: what attaching and
/// detaching have in common.
public struct DeviceChange: Sendable, Hashable {
  public var hostdev: Hostdev
  public var placement: Placement
  public var isAdded: Bool

  public init(_ hostdev: Hostdev, _ placement: Placement, isAdded: Bool) {
    self.hostdev = hostdev
    self.placement = placement
    self.isAdded = isAdded
  }

  public var isLive: Bool { placement.part == .live }

  var aspect: Aspect { Aspect("device", of: hostdev.address, placement) }

  /// A definition is on disk; what runs is not.
  var outlivesBoot: Bool { placement.part == .persistent }

  var disturbance: Step.Disturbance { isLive ? .runningGuest : .nothing }

  func state(on host: HostIndex) -> StepState {
    guard case .known(let guest) = host.guest(placement.guest) else {
      return .other("what \(placement.guest.name) has is not known")
    }
    return state(in: guest)
  }

  /// How far it has come in a guest. One that does not run, or is gone, has nothing.
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

  /// libvirt locks the domain as a whole, and a monitor of QEMU's takes one client. A definition touches no hardware.
  func resources(on host: HostIndex) -> ResourceUse {
    var use = ResourceUse(exclusive: [.guest(placement.guest)])
    guard isLive else { return use }
    use.formUnion(host.opening(of: hostdev.address))
    // libvirt sets such a VF's MAC address and VLAN through the PF.
    if hostdev.device == .interface, let physical = host.physicalFunction(of: hostdev.address) {
      use.exclusive.insert(.vfSettings(of: physical))
    }
    return use
  }

  static let form = Form<DeviceChange>.record(
    "HostdevChange", "A hostdev and where it is or goes.",
    Field("hostdev", \.hostdev, Hostdev.form, "The device."),
    Field("guest", \.placement.guest, guest, "The guest, as its manager knows it."),
    Field("part", \.placement.part, .choice("a part of a guest"), "Its definition, or the running guest."),
    make: { hostdev, guest, part in
      DeviceChange(hostdev, Placement(guest: guest, part: part), isAdded: true)
    })

  static let guest = Form<GuestManager>.variants(
    "a guest's manager",
    Variant(
      "libvirt", .domainName, "A domain's name.", wrap: { .libvirt(domain: $0) },
      unwrap: { $0.kind == .libvirt ? $0.name : nil }),
    Variant(
      "qemu", .absolutePath, "A QMP socket's path.", wrap: { .qemu(socket: $0) },
      unwrap: { $0.kind == .qemu ? $0.name : nil }))
}

extension Hostdev {
  /// By what pcipass tells whether it is as declared.
  func words(in placement: Placement) -> String {
    var words = ["there " + (Ownership.nic(ofAlias: alias).map { "as \($0)" } ?? "without pcipass's mark")]
    if placement.guest.traits.preparesDevices, !isManaged { words.append("not managed") }
    if device == .interface {
      words.append("an interface")
      words += [mac.map { "MAC \($0)" }, vlan.map { "VLAN \($0)" }].compactMap { $0 }
    }
    return words.joined(separator: ", ")
  }
}
