import Documents
import HostModel
import Manifests

/// What is to become of one function, be it decided from manifests or found in the steps of a way back.
struct ProposedChange {
  struct Attachment {
    let hostdev: Hostdev
    let placement: Placement
  }

  var candidate: Candidate
  var detach: [Holding] = []
  var attach: [Attachment] = []
  /// The driver it is to have; nil where it stays as it is.
  var goal: Binding?
  /// The VFs that it is to have instead of those it has.
  var resize: (from: VFSet, to: VFSet)?
  /// The driver that it has when that is done.
  var driverAtResize: String?
  /// Its VFs are deleted before another driver takes it.
  var losesVFsFirst = false
  /// What its PF is to hold of it.
  var configure: (place: VFPlace, from: VFSettings, to: VFSettings)?
  var reason = Step.Reason.unclaimed
  var because = ""
  /// A guest that nobody asked to change has it: it stays there.
  var isHeldElsewhere = false
  /// What keeps the change from being decided, other than a guard, and at which stage.
  var obstacle: (stage: GuardStage, refusal: Refusal)?
  /// What is worth knowing of it, as far as it passes the guards before.
  var notices: [(stage: GuardStage, notice: Notice)] = []

  init(of candidate: Candidate) { self.candidate = candidate }

  var address: PCIAddress { candidate.address }

  /// Devices that stay in a definition, and as what.
  var edits: [(holding: Holding, attachment: Attachment)] {
    detach.compactMap { holding in
      guard holding.part == .persistent else { return nil }
      return attach.first { $0.placement == holding.placement }.map { (holding, $0) }
    }
  }

  /// libvirt puts a managed device back to where it found it, which is not known here.
  var mayBePutBack: Bool { detach.contains { $0.part == .live && $0.isManagedByLibvirt } }

  /// A running guest has it as an interface of type hostdev and lets it go.
  var losesInterface: Bool { detach.contains { $0.part == .live && $0.hostdev.device == .interface } }

  /// The running guest that is to get it.
  var pluggedInto: GuestManager? { attach.first { $0.placement.part == .live }?.placement.guest }
  var isPluggedIn: Bool { pluggedInto != nil }

  /// The guest that is to have it: the one that claims it, or on a way back the one that had it.
  var owner: GuestManager? { candidate.guestClaim?.manager ?? attach.first?.placement.guest }

  /// QEMU's old device model takes it from pci-stub; all others open it by VFIO.
  var isOpenedByStub: Bool { attach.contains { $0.hostdev.driver == GuestState.oldModel } }

  /// libvirt 10.0 and later bind what they manage to the variant that the kernel recommends, also from vfio-pci, and put it
  /// back to the host's driver. The way back must bind it again.
  var isMovedByLibvirt: Bool {
    guard let function = candidate.function, let variant = function.variantDriver,
      let driver = function.driver, Drivers.opensVFIO(driver), driver != variant
    else { return false }
    return attach.contains { attachment in
      attachment.placement.part == .live && attachment.placement.guest.binds(attachment.hostdev)
        && attachment.hostdev.vfioModel == nil
    }
  }

  /// What the function comes to be bound to, be it by libvirt, which binds itself what a running guest is to get; nil
  /// where it stays as it is.
  var binding: Binding? {
    if let goal { return goal }
    guard let function = candidate.function, let guest = pluggedInto else { return nil }
    // Of VFIO's drivers another one changes nothing that a guard looks at.
    guard !(function.driver.map(Drivers.opensVFIO) ?? false) else { return nil }
    let model = guest.vfioModel(of: attach.first { $0.placement.part == .live }?.hostdev)
    let driver = model ?? Drivers.vfio
    return Binding(driver: driver, override: driver)
  }

  /// The function and the binding, where another driver is to take it.
  var rebinding: (function: PCIFunction, to: Binding)? {
    guard let function = candidate.function, !candidate.isComing, let binding,
      function.driver != binding.driver || binding.isKernelsChoice
    else { return nil }
    return (function, binding)
  }

  /// The function, where libvirt takes it from the host when the guest starts. No guard is asked then.
  var takenAtStart: PCIFunction? {
    guard let function = candidate.function, !candidate.isComing, rebinding == nil, !attach.isEmpty,
      !Drivers.isPassthrough(function.driver)
    else { return nil }
    return function
  }

  /// The VF, where what its PF holds of it is reset because no guest claims it.
  var resetting: PCIFunction? {
    configure == nil || candidate.guestClaim != nil || candidate.isComing ? nil : candidate.function
  }

  /// The guest that claims the function has it, and no change is due: how that ends is judged all the same, for something
  /// else may have changed.
  var isClaimedInPlace: Bool {
    guard let guestClaim = candidate.guestClaim, attach.isEmpty, !candidate.isComing else { return false }
    return candidate.holdings.contains { $0.guest == guestClaim.manager }
  }

  /// Reserved or claimed, and no change is due.
  var isInPlace: Bool { isClaimedInPlace || candidate.nic?.reserve ?? false }

  mutating func note(_ stage: GuardStage, _ notice: Notice) { notices.append((stage, notice)) }

  /// Only the first counts: what comes later may follow from it.
  mutating func refuse(
    _ stage: GuardStage, _ code: Refusal.Code, _ message: String, details: [String] = [],
    help: String? = nil, origin: String? = nil
  ) {
    guard obstacle == nil else { return }
    let refusal = Refusal(
      code, nic: candidate.name, guest: candidate.guest, message, details: details, help: help,
      origin: origin ?? candidate.origin)
    obstacle = (stage, refusal)
  }
}
