import Documents
import HostModel
import Manifests

/// The passthrough driver that a function gets.
struct PassthroughGoal: Equatable {
  /// The driver to bind the function to, unless it is on an acceptable one.
  let driver: String
  /// Whether only this driver is acceptable. Otherwise each VFIO driver is.
  let isExact: Bool

  static func exactly(_ driver: String) -> Self { PassthroughGoal(driver: driver, isExact: true) }

  static let anyOfVFIO = PassthroughGoal(driver: Drivers.vfio, isExact: false)

  func isMet(by driver: String) -> Bool { isExact ? driver == self.driver : Drivers.isVFIO(driver) }

  /// The goal for a guest that opens the function now, which needs a VFIO driver.
  var opened: Self { Drivers.isVFIO(driver) ? self : .anyOfVFIO }
}

extension PlanBuilder {
  /// Returns the driver that the manifest declares: for the NIC, or else for all NICs of its Host.
  func declaredDriver(_ candidate: Candidate) -> Located<PassthroughDriver>? {
    candidate.nic?.driver ?? request.host.spec.driver
  }

  /// Returns the driver that the function gets. libvirt binds to the driver that the definition
  /// names (`<driver model>`), so that driver applies if the manifest does not set one.
  func passthroughGoal(of change: ProposedChange) -> PassthroughGoal {
    let function = change.candidate.function
    let model = model(of: change)
    switch declaredDriver(change.candidate)?.value {
    case .vfioPCI: return .exactly(Drivers.vfio)
    case .pciStub:
      let opened = model.map { PassthroughGoal.exactly(kernelName(of: $0, function)) }
      return change.isHotplugged ? opened ?? .exactly(Drivers.stub) : .exactly(Drivers.stub)
    case .variant(let name): return .exactly(kernelName(of: name, function))
    case .auto:
      let variant = model.map { kernelName(of: $0, function) } ?? function?.variantDriver
      // A definition that was not looked at may name another VFIO driver.
      return variant.map { PassthroughGoal(driver: $0, isExact: request.part == .everything) } ?? .anyOfVFIO
    case nil: return model.map { .exactly(kernelName(of: $0, function)) } ?? .anyOfVFIO
    }
  }

  /// Returns the VFIO driver that the guest's XML of the device names. The definition comes first, because
  /// the next start uses it.
  func model(of change: ProposedChange) -> String? {
    guard let manager = change.candidate.guestClaim?.manager else { return nil }
    let own = change.candidate.holdings.filter { $0.guest == manager }
    let device = own.first { $0.part == .persistent } ?? own.first
    return manager.vfioModel(of: device?.hostdev)
  }

  /// Returns the kernel's name of a driver, because `-` and `_` are both used in driver names. If
  /// the host has no such driver, the name of its module is assumed, which is the name of most
  /// drivers.
  private func kernelName(of name: String, _ function: PCIFunction?) -> String {
    let normalised = Drivers.normalised(name)
    let known = [function?.driver, function?.variantDriver].compactMap { $0 } + (host.drivers ?? []).sorted()
    if known.contains(name) { return name }
    return known.first { Drivers.normalised($0) == normalised }
      ?? (normalised == "vfio_pci" ? Drivers.vfio : normalised)
  }

  /// Refuses the change if the manifest and the definition name different drivers.
  func decideModel(_ change: inout ProposedChange) {
    guard let guestClaim = change.candidate.guestClaim, let model = model(of: change),
      let declared = declaredDriver(change.candidate)
    else { return }
    let name: String
    switch declared.value {
    case .vfioPCI: name = Drivers.vfio
    case .variant(let variant): name = variant
    // libvirt binds a function on pci-stub to another driver when the guest starts, and auto follows the
    // definition.
    case .pciStub, .auto: return
    }
    guard Drivers.normalised(name) != Drivers.normalised(model) else { return }
    change.refuse(
      .claim, .unsupported,
      "the manifest sets driver: \(name), but the XML of \(guestClaim.guest.name) sets \(model) for "
        + "\(change.address)",
      help: "set the same driver in both, or remove driver from the manifest to use the driver in the XML",
      origin: (declared.location ?? change.candidate.nic?.name.location)?.description)
  }

  /// Adds a notice if libvirt 10.0 or later will bind the function to the variant of vfio-pci that the kernel
  /// recommends, also from vfio-pci, and to the host driver afterwards.
  func noteVariant(_ function: PCIFunction, _ guestClaim: GuestClaim, _ change: inout ProposedChange) {
    guard guestClaim.manager?.traits.preparesDevices ?? false, guestClaim.claim.managed,
      guestClaim.claim.bind == .now,
      model(of: change) == nil, let variant = function.variantDriver
    else { return }
    let driver = change.goal?.driver ?? function.driver
    guard let driver, driver != variant, Drivers.isVFIO(driver) else { return }
    change.note(
      .vfSettings,
      Notice(
        .variant, nic: change.candidate.name, guest: guestClaim.guest.name,
        "libvirt 10.0 and later bind \(function.address) to \(variant) when \(guestClaim.guest.name) starts, and to "
          + "its native driver when the guest stops; to keep it on \(variant), set driver: auto"))
  }
}
