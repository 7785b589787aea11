import Documents
import HostModel
import Manifests

/// The passthrough driver that a function is to be on.
struct PassthroughGoal: Equatable {
  /// What it is bound to where it is on no good one.
  let driver: String
  /// Whether no other driver is as good. Otherwise each driver of VFIO's is.
  let isExact: Bool

  static func exactly(_ driver: String) -> Self { PassthroughGoal(driver: driver, isExact: true) }

  static let anyOfVFIO = PassthroughGoal(driver: Drivers.vfio, isExact: false)

  func isMet(by driver: String) -> Bool { isExact ? driver == self.driver : Drivers.opensVFIO(driver) }

  /// The same for a guest that opens the function now, by VFIO.
  var opened: Self { Drivers.opensVFIO(driver) ? self : .anyOfVFIO }
}

extension PlanBuilder {
  /// What the manifest says of the driver: the NIC's own line, or that of its Host.
  func declaredDriver(_ candidate: Candidate) -> Located<PassthroughDriver>? {
    candidate.nic?.driver ?? request.host.spec.driver
  }

  /// The driver that the guest's definition names is the one that libvirt binds to, and goes before what the manifest
  /// leaves open.
  func passthroughGoal(of change: ProposedChange) -> PassthroughGoal {
    let function = change.candidate.function
    let model = model(of: change)
    switch declaredDriver(change.candidate)?.value {
    case .vfioPCI: return .exactly(Drivers.vfio)
    case .pciStub:
      let opened = model.map { PassthroughGoal.exactly(kernelName(of: $0, function)) }
      return change.isPluggedIn ? opened ?? .exactly(Drivers.stub) : .exactly(Drivers.stub)
    case .variant(let name): return .exactly(kernelName(of: name, function))
    case .auto:
      let variant = model.map { kernelName(of: $0, function) } ?? function?.variantDriver
      return variant.map { .exactly($0) } ?? .anyOfVFIO
    case nil: return model.map { .exactly(kernelName(of: $0, function)) } ?? .anyOfVFIO
    }
  }

  /// The VFIO driver that the guest's own XML of the device names: the definition's, which the next start goes by.
  func model(of change: ProposedChange) -> String? {
    guard let manager = change.candidate.guestClaim?.manager else { return nil }
    let own = change.candidate.holdings.filter { $0.guest == manager }
    let device = own.first { $0.part == .persistent } ?? own.first
    return manager.vfioModel(of: device?.hostdev)
  }

  /// The name by which the kernel has a driver: modules and people mix `-` and `_`. Where the host shows neither, it is the
  /// module's name, which most drivers have.
  private func kernelName(of name: String, _ function: PCIFunction?) -> String {
    let normalised = Drivers.normalised(name)
    let known = [function?.driver, function?.variantDriver].compactMap { $0 } + (host.drivers ?? []).sorted()
    if known.contains(name) { return name }
    return known.first { Drivers.normalised($0) == normalised }
      ?? (normalised == "vfio_pci" ? Drivers.vfio : normalised)
  }

  /// The manifest and the definition each name a driver, and not the same one.
  func decideModel(_ change: inout ProposedChange) {
    guard let guestClaim = change.candidate.guestClaim, let model = model(of: change),
      let declared = declaredDriver(change.candidate)
    else { return }
    let name: String
    switch declared.value {
    case .vfioPCI: name = Drivers.vfio
    case .variant(let variant): name = variant
    // pci-stub keeps the function until libvirt takes it; auto leaves the choice to others.
    case .pciStub, .auto: return
    }
    guard Drivers.normalised(name) != Drivers.normalised(model) else { return }
    change.refuse(
      .claim, .unsupported,
      "the manifest says driver: \(name), and the XML of \(guestClaim.guest.name) names \(model) for \(change.address)",
      help: "name the same driver in both, or leave out driver: the driver that the XML names is used then",
      origin: (declared.place ?? change.candidate.nic?.name.place)?.description)
  }

  /// libvirt 10.0 and later bind a managed device to the variant that the kernel recommends, also where it is on vfio-pci,
  /// and give it to the host's driver afterwards.
  func noteVariant(_ function: PCIFunction, _ guestClaim: GuestClaim, _ change: inout ProposedChange) {
    guard guestClaim.manager?.traits.preparesDevices ?? false, guestClaim.claim.managed,
      guestClaim.claim.bind == .now,
      model(of: change) == nil, let variant = function.variantDriver
    else { return }
    let driver = change.goal?.driver ?? function.driver
    guard let driver, driver != variant, Drivers.opensVFIO(driver) else { return }
    change.note(
      .vfSettings,
      Notice(
        .variant, nic: change.candidate.name, guest: guestClaim.guest.name,
        "libvirt 10.0 and later bind \(function.address) to \(variant) when \(guestClaim.guest.name) starts, and to the "
          + "host's driver when it stops; driver: auto keeps it on \(variant)"))
  }
}
