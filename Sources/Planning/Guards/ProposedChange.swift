import Documents
import HostModel
import Manifests

/// The proposed change of one function, decided from manifests or taken from the steps of a rollback.
struct ProposedChange {
  struct Attachment {
    let hostdev: Hostdev
    let placement: Placement
  }

  var candidate: Candidate
  var detach: [Holding] = []
  var attach: [Attachment] = []
  /// The binding that the function gets; `nil` if it stays as it is.
  var goal: Binding?
  /// The VFs that the PF has and those that it gets.
  var resize: (from: VFSet, to: VFSet)?
  /// The driver that the PF has when its VFs are created or deleted.
  var driverAtResize: String?
  /// Whether the VFs are deleted before the PF is bound to another driver.
  var deletesVFsFirst = false
  /// The present settings of the VF, which its PF holds, and the new ones.
  var configure: (place: VFLocation, from: VFSettings, to: VFSettings)?
  var reason = Step.Reason.unclaimed
  var because = ""
  /// Whether a guest that the run does not change has the function and keeps it.
  var isHeldElsewhere = false
  /// Why the function is not changed in a run that does not look at guests.
  var left: LeftForGuests?
  /// The reason why the change could not be decided, other than a guard, and the stage at which it counts.
  var obstacle: (stage: GuardStage, refusal: Refusal)?
  /// Notices about the change. Each is shown if the change passes the guards before its stage.
  var notices: [(stage: GuardStage, notice: Notice)] = []

  init(of candidate: Candidate) { self.candidate = candidate }

  var address: PCIAddress { candidate.address }

  /// The devices that stay in a definition, each with the device that it becomes.
  var edits: [(holding: Holding, attachment: Attachment)] {
    detach.compactMap { holding in
      guard holding.part == .persistent else { return nil }
      return attach.first { $0.placement == holding.placement }.map { (holding, $0) }
    }
  }

  /// Whether libvirt may bind the function to another driver when the guest releases it: libvirt returns a
  /// managed device to the driver that it found, which is unknown here.
  var isReboundOnRelease: Bool { detach.contains { $0.part == .live && $0.isManagedByLibvirt } }

  /// Whether a running guest releases the function as an interface of type hostdev.
  var releasesInterface: Bool { detach.contains { $0.part == .live && $0.hostdev.device == .interface } }

  /// The running guest that the function is hot-plugged into.
  var hotplugTarget: GuestManager? { attach.first { $0.placement.part == .live }?.placement.guest }
  var isHotplugged: Bool { hotplugTarget != nil }

  /// The guest that has the function in the end: the one that claims it, or, in a rollback, the one that had
  /// it.
  var owner: GuestManager? { candidate.guestClaim?.manager ?? attach.first?.placement.guest }

  /// Whether QEMU opens the function from pci-stub, as its old device model does. Other models open it from a
  /// VFIO driver.
  var isOpenedFromStub: Bool { attach.contains { $0.hostdev.driver == GuestState.legacyModel } }

  /// Whether libvirt binds the function to another driver when it is hot-plugged. libvirt 10.0 and later bind
  /// managed devices to the variant of vfio-pci that the kernel recommends, also from vfio-pci, and return
  /// them to the host driver. A step binds the function before, so that its inverse leads back to where it
  /// was.
  var isBoundToVariantByLibvirt: Bool {
    guard let function = candidate.function, let variant = function.variantDriver,
      let driver = function.driver, Drivers.isVFIO(driver), driver != variant
    else { return false }
    return attach.contains { attachment in
      attachment.placement.part == .live && attachment.placement.guest.binds(attachment.hostdev)
        && attachment.hostdev.vfioModel == nil
    }
  }

  /// The binding that the function gets from the plan, or from libvirt when it is hot-plugged; `nil` if it
  /// stays as it is.
  var binding: Binding? {
    if let goal { return goal }
    guard let function = candidate.function, let guest = hotplugTarget else { return nil }
    // Guards do not distinguish between VFIO drivers.
    guard !(function.driver.map(Drivers.isVFIO) ?? false) else { return nil }
    let model = guest.vfioModel(of: attach.first { $0.placement.part == .live }?.hostdev)
    let driver = model ?? Drivers.vfio
    return Binding(driver: driver, override: driver)
  }

  /// The function and its new binding, if its driver changes.
  var rebinding: (function: PCIFunction, to: Binding)? {
    guard let function = candidate.function, !candidate.isCreatedByPlan, let binding,
      function.driver != binding.driver || binding.isChosenByKernel
    else { return nil }
    return (function, binding)
  }

  /// The function, if libvirt removes it from the host when the guest starts. Guards are not
  /// evaluated at that moment.
  var boundAtGuestStart: PCIFunction? {
    guard let function = candidate.function, !candidate.isCreatedByPlan, rebinding == nil, !attach.isEmpty,
      !Drivers.isPassthrough(function.driver)
    else { return nil }
    return function
  }

  /// The VF, if its settings are reset because no guest claims it.
  var vfToReset: PCIFunction? {
    configure == nil || candidate.guestClaim != nil || candidate.isCreatedByPlan ? nil : candidate.function
  }

  /// Whether the claiming guest has the function and nothing changes. The end state is judged
  /// anyway, because something else may have changed.
  var isClaimedInPlace: Bool {
    guard let guestClaim = candidate.guestClaim, attach.isEmpty, !candidate.isCreatedByPlan else {
      return false
    }
    return candidate.holdings.contains { $0.guest == guestClaim.manager }
  }

  /// Whether the function is reserved or claimed and nothing changes.
  var isInPlace: Bool { isClaimedInPlace || candidate.nic?.reserve ?? false }

  mutating func note(_ stage: GuardStage, _ notice: Notice) { notices.append((stage, notice)) }

  /// Records the first reason why the change cannot be decided. Later ones may be consequences of it.
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
