import Documents
import HostModel
import Manifests

/// A plan in the making: first it is decided what becomes of each function, then whether that may be,
/// then in which steps.
struct Draft {
  let request: Request
  let host: HostIndex
  let resolution: Resolution
  var findings = Findings()
  var notices: [Notice] = []
  var steps: [Step] = []
  var decisions: [PCIAddress: Decision] = [:]
  /// Modules that the plan loads already.
  var loads: Set<String> = []
  /// Steps that take VFs from their drivers before these VFs vanish.
  var releases: Set<String> = []

  /// What becomes of one function.
  struct Decision {
    var detach: [HostIndex.Holding] = []
    var attach: [Attachment] = []
    /// The driver it is to have; nil where it stays as it is.
    var goal: Binding?
    var reason = Step.Reason.unclaimed
    var because = ""
    /// A guest that nobody asked to change has it: it stays there.
    var isHeldElsewhere = false
    /// The VFs that it is to have instead of those it has.
    var resize: (from: VFSet, to: VFSet)?
    /// What its PF is to hold of it.
    var configure: (place: VFPlace, from: VFSettings, to: VFSettings)?

    /// libvirt puts a managed device back to where it found it, which is not known here.
    var mayBePutBack: Bool { detach.contains { $0.part == .live && $0.isManagedByLibvirt } }

    /// The running guest that is to get it.
    var pluggedInto: GuestManager? { attach.first { $0.placement.part == .live }?.placement.guest }
    var isPluggedIn: Bool { pluggedInto != nil }

    /// The driver that whoever plugs it in opens it by: QEMU's old device model takes it from pci-stub.
    var opener: PassthroughDriver {
      attach.contains { $0.hostdev.driver == GuestState.oldModel } ? .pciStub : .vfioPCI
    }

    /// What the function comes to be bound to, be it by libvirt, which binds itself what a running guest is
    /// to get; nil where it stays as it is.
    func binding(of function: PCIFunction) -> Binding? {
      if let goal { return goal }
      let vfio = PassthroughDriver.vfioPCI.rawValue
      return isPluggedIn && function.driver != vfio ? Binding(driver: vfio, override: vfio) : nil
    }
  }

  struct Attachment {
    let hostdev: Hostdev
    let placement: Placement
  }

  init(request: Request, host: HostIndex, resolution: Resolution) {
    self.request = request
    self.host = host
    self.resolution = resolution
    guestNames = Dictionary(
      request.guests.map { ($0.manager, $0.name) }, uniquingKeysWith: { first, _ in first })
    claimants = Dictionary(
      request.guests.flatMap { guest in guest.spec.nics.map { ($0.from.value, guest.name) } },
      uniquingKeysWith: { first, _ in first })
    findings = resolution.findings.about { isTargeted(nic: $0) }
  }

  private let guestNames: [GuestManager: String]
  /// Which guest claims each NIC.
  let claimants: [NICReference: String]

  /// A guest's name in the manifests, or that of its manager where none describes it.
  func name(of guest: GuestManager) -> String { guestNames[guest] ?? guest.name }

  func isInScope(_ guest: GuestManager) -> Bool { guestNames[guest] != nil }

  // MARK: What the run is limited to

  /// A NIC with all of its VFs.
  func isTargeted(nic: String) -> Bool {
    request.targets.isEmpty || request.targets.contains(.nic(nic))
      || claimants.contains { $0.nic == nic && request.targets.contains(.guest($1)) }
  }

  func isTargeted(_ subject: Subject) -> Bool {
    if request.targets.isEmpty { return true }
    if let reference = subject.reference {
      if request.targets.contains(.nic(reference.nic)) { return true }
      // A guest's VFs need their PF, and not the other VFs.
      let isTarget =
        reference.virtualFunction == nil
        ? isTargeted(nic: reference.nic)
        : claimants[reference].map { request.targets.contains(.guest($0)) } ?? false
      if isTarget { return true }
    }
    return subject.holdings.contains { holding in
      holding.isOurs && guestNames[holding.guest].map { request.targets.contains(.guest($0)) } ?? false
    }
  }

  // MARK: Deciding

  mutating func decide(_ subjects: [Subject]) {
    for subject in subjects {
      if let decision = decision(on: subject) { decisions[subject.address] = decision }
    }
  }

  /// Nil where it was refused.
  private mutating func decision(on subject: Subject) -> Decision? {
    var decision = Decision()
    if let function = subject.function, !function.unreadable.isEmpty {
      refuse(
        .unavailable, subject, "not all of \(function.address) could be read", details: function.unreadable)
      return nil
    }
    guard decideHoldings(subject, &decision), decideClaim(subject, &decision),
      decideVirtualFunctions(subject, &decision), decideSettings(subject, &decision)
    else { return nil }
    decideDriver(subject, &decision)
    return decision
  }

  // MARK: Words

  /// What cannot be decided, before any guard is asked.
  mutating func refuse(
    _ code: Refusal.Code, _ subject: Subject, _ message: String, details: [String] = [],
    help: String? = nil, origin: String? = nil
  ) {
    findings.refuse(
      Refusal(
        code, nic: subject.name, guest: subject.wanted?.guest.name, message, details: details, help: help,
        origin: origin ?? subject.candidate.origin))
  }
}
