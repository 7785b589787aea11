import Documents
import HostModel
import Manifests

/// A plan in the making: first it is decided what becomes of each function, then whether that may be,
/// then in which steps.
struct Draft {
  let request: Request
  let host: HostIndex
  let resolution: Resolution
  var refusals: [Refusal] = []
  var notices: [Notice] = []
  var steps: [Step] = []
  var decisions: [PCIAddress: Decision] = [:]
  /// Modules that the plan loads already.
  var loads: Set<String> = []

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

    /// libvirt puts a managed device back to where it found it, which is not known here.
    var mayBePutBack: Bool { detach.contains { $0.part == .live && $0.isManagedByLibvirt } }

    /// The running guest that is to get it.
    var pluggedInto: GuestManager? { attach.first { $0.placement.part == .live }?.placement.guest }
    var isPluggedIn: Bool { pluggedInto != nil }

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
      request.guests.flatMap { guest in guest.spec.nics.map { ($0.from.value.nic, guest.name) } },
      uniquingKeysWith: { first, _ in first })
  }

  private let guestNames: [GuestManager: String]
  /// Which guest claims each NIC.
  let claimants: [String: String]

  /// A guest's name in the manifests, or that of its manager where none describes it.
  func name(of guest: GuestManager) -> String { guestNames[guest] ?? guest.name }

  func isInScope(_ guest: GuestManager) -> Bool { guestNames[guest] != nil }

  // MARK: What the run is limited to

  func isTargeted(nic: String) -> Bool {
    request.targets.isEmpty || request.targets.contains(.nic(nic))
      || claimants[nic].map { request.targets.contains(.guest($0)) } ?? false
  }

  func isTargeted(_ subject: Subject) -> Bool {
    if request.targets.isEmpty { return true }
    if let name = subject.name, isTargeted(nic: name) { return true }
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
    if let functions = subject.nic?.virtualFunctions {
      refuse(
        .unsupported, subject,
        "this version of pcipass does not set the number of virtual functions; nothing is done with "
          + "\(subject.name ?? "")", origin: functions.place?.description)
      return nil
    }
    guard decideHoldings(subject, &decision), decideClaim(subject, &decision) else { return nil }
    decideDriver(subject, &decision)
    return decision
  }

  /// What happens to the function where guests have it that are not to.
  private mutating func decideHoldings(_ subject: Subject, _ decision: inout Decision) -> Bool {
    let wantedGuest = subject.wanted?.guest.manager
    for holding in subject.holdings where holding.guest != wantedGuest {
      let guest = name(of: holding.guest)
      if holding.isOurs, isInScope(holding.guest) || request.prune {
        decision.detach.append(holding)
      } else if subject.wanted != nil, !holding.isOurs, allows(.foreignOwner, subject) {
        notices.append(
          Notice(
            .allowed, nic: subject.name, guest: guest, "taken from \(guest), which somebody else gave it to"))
        decision.detach.append(holding)
      } else if let wanted = subject.wanted {
        refuse(
          .foreignOwner, subject, "\(guest) has it\(holding.part == .live ? "" : " in its definition")",
          details: [holding.description],
          help: holding.isOurs
            ? "give the manifest of \(guest) too, or use --prune if it was deleted"
            : "take it out there by hand, or allow: [foreign-owner] on the NIC",
          origin: wanted.claim.from.place?.description)
        return false
      } else {
        decision.isHeldElsewhere = true
        let notice = Notice(
          holding.isOurs ? .unmanaged : .foreign, nic: subject.name, guest: guest,
          holding.isOurs
            ? "\(guest) has \(subject.address) from pcipass and is not among these manifests: left alone"
            : "\(guest) has \(subject.address), given by somebody else: left alone")
        // Once, though it is in the definition and in what runs.
        if notices.last != notice { notices.append(notice) }
      }
    }
    return true
  }

  /// What the guest that claims it has of it, and lacks.
  private mutating func decideClaim(_ subject: Subject, _ decision: inout Decision) -> Bool {
    guard let wanted = subject.wanted, let function = subject.function else { return true }
    let manager = wanted.guest.manager
    let origin = wanted.claim.from.place?.description
    if passthroughDriver(subject) == .pciStub, !wanted.claim.managed {
      refuse(
        .unsupported, subject,
        "\(subject.name ?? "") is kept on pci-stub, and with managed: false nobody would bind it to vfio-pci "
          + "when \(wanted.guest.name) starts",
        help: "leave out driver: pci-stub, or managed: false", origin: origin)
      return false
    }
    switch host.state.guests(of: manager) {
    case .unavailable(let reason):
      refuse(
        .unavailable, subject, "what \(wanted.guest.name) has is not known: \(reason)", origin: origin)
      return false
    case .known(let guests):
      guard let guest = host.guests[manager] else {
        if case .qemu = manager {
          notices.append(
            Notice(
              .waits, nic: subject.name, guest: wanted.guest.name,
              "\(wanted.guest.name) does not run: it gets the NIC when it does"))
          return true
        }
        refuse(
          .guestMissing, subject, "libvirt has no domain named \(manager.name)",
          details: guests.map(\.name).sorted().prefix(16).map { $0 },
          help: "define it first, or name it in libvirt: {domain: …}", origin: origin)
        return false
      }
      let hostdev = wanted.claim.hostdev(function, in: manager)
      let own = subject.holdings.filter { $0.guest == manager }
      if guest.persistent != nil { decidePersistent(hostdev, wanted, own, &decision) }
      if guest.live != nil { decideLive(hostdev, wanted, own, subject, &decision) }
      return true
    }
  }

  private mutating func decidePersistent(
    _ hostdev: Hostdev, _ wanted: Subject.Wanted, _ own: [HostIndex.Holding], _ decision: inout Decision
  ) {
    let placement = Placement(guest: wanted.guest.manager, part: .persistent)
    guard let present = own.first(where: { $0.part == .persistent }) else {
      decision.attach.append(Attachment(hostdev: hostdev, placement: placement))
      return
    }
    guard present.hostdev.alias != hostdev.alias || present.hostdev.isManaged != hostdev.isManaged else {
      return
    }
    // The same device with pcipass's mark: its place in the guest, and what else was said of it, stay.
    var replacement = present.hostdev
    replacement.alias = hostdev.alias
    replacement.isManaged = hostdev.isManaged
    decision.detach.append(present)
    decision.attach.append(Attachment(hostdev: replacement, placement: placement))
  }

  private mutating func decideLive(
    _ hostdev: Hostdev, _ wanted: Subject.Wanted, _ own: [HostIndex.Holding], _ subject: Subject,
    _ decision: inout Decision
  ) {
    if let present = own.first(where: { $0.part == .live }) {
      if !present.isOurs, host.guests[present.guest]?.persistent == nil {
        notices.append(
          Notice(
            .adopted, nic: subject.name, guest: wanted.guest.name,
            "\(wanted.guest.name) has it already, given by somebody else, and no definition to mark it in: "
              + "taken as it is"))
      } else if present.isManagedByLibvirt != hostdev.isManaged, case .libvirt = present.guest {
        notices.append(
          Notice(
            .waits, nic: subject.name, guest: wanted.guest.name,
            "managed takes effect at the next start of \(wanted.guest.name)"))
      }
      return
    }
    if wanted.claim.hotplug {
      let placement = Placement(guest: wanted.guest.manager, part: .live)
      // What runs is to be what the next start would make of it.
      var device = own.first { $0.part == .persistent }?.hostdev ?? hostdev
      (device.alias, device.isManaged, device.guestAddress) = (hostdev.alias, hostdev.isManaged, nil)
      decision.attach.append(Attachment(hostdev: device, placement: placement))
    } else {
      notices.append(
        Notice(
          .waits, nic: subject.name, guest: wanted.guest.name,
          "hotplug is off: \(wanted.guest.name) gets it at its next start"))
    }
  }

  /// Which driver the function is to have.
  private mutating func decideDriver(_ subject: Subject, _ decision: inout Decision) {
    guard let nic = subject.nic, let function = subject.function, !decision.isHeldElsewhere else { return }
    let passthrough = passthroughDriver(subject).rawValue
    let mayBePutBack = decision.mayBePutBack
    if let wanted = subject.wanted {
      decision.reason = decision.detach.contains { $0.guest != wanted.guest.manager } ? .moved : .claimed
      decision.because = "\(wanted.guest.name) claims \(nic.name.value)"
      let isThere = subject.holdings.contains { $0.guest == wanted.guest.manager && $0.part == .live }
      // What a running guest has stays bound as it is.
      if isThere { return }
      // From on-start on, libvirt binds: at the start of the guest, or when it is plugged in.
      if wanted.claim.bind == .onStart {
        decision.goal = decision.isPluggedIn ? nil : hostGoal(function)
        if decision.attach.isEmpty { noteUses(function, wanted) }
      } else {
        // A running guest takes it from vfio-pci only.
        let driver = decision.isPluggedIn ? PassthroughDriver.vfioPCI.rawValue : passthrough
        decision.goal = passthroughGoal(driver, function, mayBePutBack)
      }
    } else if nic.reserve {
      decision.reason = .reserved
      decision.because = "\(nic.name.value) is reserved"
      decision.goal = passthroughGoal(passthrough, function, mayBePutBack)
    } else {
      decision.reason = .unclaimed
      decision.because = "nothing claims or reserves \(nic.name.value): it is the host's"
      decision.goal = hostGoal(function)
      if Drivers.isPassthrough(function.driver), let reason = host.state.libvirt.reason {
        notices.append(
          Notice(
            .unknown, nic: nic.name.value,
            "whether a guest that is off has it in its definition is not known: \(reason)"))
      }
      if function.driver == nil, function.driverOverride == nil, function.hostDriver == nil {
        notices.append(
          Notice(
            .driverless, nic: nic.name.value, "\(function.address) has no driver, and none is known for it"))
      }
    }
    if mayBePutBack, let goal = decision.goal, goal.driver == function.driver {
      decision.because += "; libvirt may put it back to another driver when it leaves the guest"
    }
  }

  /// The guard has been asked when the guest was given it; the host may have come to use it since.
  private mutating func noteUses(_ function: PCIFunction, _ wanted: Subject.Wanted) {
    let uses = function.hostUses
    guard !uses.isEmpty else { return }
    notices.append(
      Notice(
        .hostNetwork, nic: wanted.claim.from.value.nic, guest: wanted.guest.name,
        "the host uses \(function.address) and loses it when \(wanted.guest.name) starts: "
          + uses.joined(separator: "; ")))
  }

  private func passthroughDriver(_ subject: Subject) -> PassthroughDriver {
    subject.nic?.driver ?? request.host.spec.driver
  }

  /// An override that only repeats the driver's name keeps it there, and is as good as none.
  private func passthroughGoal(
    _ driver: String, _ function: PCIFunction, _ mayBePutBack: Bool
  ) -> Binding? {
    let isThere = !mayBePutBack && function.driver == driver && (function.driverOverride ?? driver) == driver
    return isThere ? nil : Binding(driver: driver, override: driver)
  }

  private func hostGoal(_ function: PCIFunction) -> Binding? {
    let hasOwn = !Drivers.isPassthrough(function.driver) && !Drivers.isForeign(function.driver)
    if hasOwn, function.driverOverride == nil, function.driver != nil || function.hostDriver == nil {
      return nil
    }
    if hasOwn, let driver = function.driver { return Binding(driver: driver, override: nil) }
    guard let driver = function.hostDriver else {
      return Binding(driver: nil, override: nil, isKernelsChoice: true)
    }
    return Binding(driver: driver, override: nil)
  }

  // MARK: Words

  func allows(_ guardrail: Guardrail, _ subject: Subject) -> Bool {
    subject.nic?.allow.contains(guardrail) ?? false
  }

  mutating func refuse(
    _ code: Refusal.Code, _ subject: Subject, _ message: String, details: [String] = [],
    help: String? = nil, origin: String? = nil
  ) {
    refusals.append(
      Refusal(
        code, nic: subject.name, guest: subject.wanted?.guest.name, message, details: details, help: help,
        origin: origin ?? subject.nic?.name.place?.description))
  }
}

extension HostIndex.Holding: CustomStringConvertible {
  var description: String {
    let mark = hostdev.alias.map { " as \($0)" } ?? ""
    return "\(guest.name), \(part.rawValue): \(hostdev.address)\(mark)"
  }
}
