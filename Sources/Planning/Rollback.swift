import Documents
import HostModel
import Manifests

extension Planner {
  /// The way back: the inverses of a plan's steps, last first, refused where what they left is no longer so.
  ///
  /// A plan of which only a part was done goes back by that part: a step whose effect is not there,
  /// and whose first state is, needs no inverse.
  ///
  /// - Parameters:
  ///   - inDoubt: steps that were begun and whose end nobody saw: what is there of them is a part of their work.
  ///   - targets: what is taken back; all of it where there are none.
  public static func rollback(
    of plan: Plan, on state: HostState, inDoubt: Set<String> = [], targets: [Target] = []
  ) -> Plan {
    let host = HostIndex(state)
    let plan = targets.isEmpty ? plan : plan.only(targets)
    var result = Plan(request: plan.request, steps: [], refusals: [], notices: [], facts: [])
    var previous: [String: String] = [:]
    var waiting: [String: [String]] = [:]
    for step in plan.steps {
      for earlier in step.after { waiting[earlier, default: []].append("undo/\(step.id)") }
    }
    let resizes = Resizes(plan, host, inDoubt)
    let returned = host.returned(of: plan)
    var findings = Findings()
    for step in plan.steps.reversed() {
      guard let inverse = step.action.inverse else {
        result.notices.append(
          Notice(
            .unmanaged, nic: step.nic, guest: step.guest, "\(step.id) is not taken back: it does no harm"))
        continue
      }
      let known = resizes.progress(of: step)
      let isThere = step.action.function.map { host.functions[$0] != nil } ?? true
      switch (known ?? host.standing(of: step.action, returned))
        .settled(isInDoubt: isThere && inDoubt.contains(step.id))
      {
      case .notDone: continue
      case .other(let found):
        let objection = Objection(
          .changed, "\(step.id) cannot be taken back: what it left has changed since", details: [found],
          help: "plan anew from the manifests, or put it back by hand first")
        _ = findings.passes(.changed, step, plan.request, .against(objection))
        continue
      case .done:
        if known == nil, host.isKept(step.action),
          !result.steps.contains(where: { $0.unplugs(step.action.function) })
        {
          continue
        }
        let objection =
          host.missingGuest(for: inverse).map { guest in
            Objection(
              .changed, "\(step.id) cannot be taken back",
              details: ["\(guest) does not run or is not defined any more"],
              help: "start or define it, then roll back")
          }
          ?? host.unready(inverse, result.steps).map { found in
            Objection(
              .changed, "\(step.id) cannot be taken back", details: [found],
              help: "give it the driver that it had there, then roll back")
          }
        let finding = objection.map { Finding.against($0) } ?? .clear("all is as the plan left it")
        guard findings.passes(.changed, step, plan.request, finding) else { continue }
      }
      let id = "undo/\(step.id)"
      // One after another in each NIC's chain; other chains do not wait.
      let chain = step.action.function.map { "\($0)" } ?? step.id
      let waits = waiting[step.id] ?? []
      result.steps.append(
        Step(
          id: id, action: inverse, nic: step.nic, guest: step.guest, reason: .rollback,
          because: "takes back \(step.id)", disturbs: disturbance(of: inverse, host),
          after: waits + (previous[chain].map { waits.contains($0) ? [] : [$0] } ?? []), origin: nil))
      previous[chain] = id
    }
    let ids = Set(result.steps.map(\.id))
    for index in result.steps.indices { result.steps[index].after.removeAll { !ids.contains($0) } }
    if findings.refusals.isEmpty { judge(result, host, &findings) }
    result.refusals = findings.refusals
    result.guards = findings.reports(on: result.steps)
    result.facts = Fact.all(plan.steps.compactMap(\.action.function), plan.request, host)
    return result
  }

  /// How far the steps of a plan have come, VFs that came and went with it considered.
  public static func progress(of plan: Plan, on state: HostState) -> [Progress] {
    let host = HostIndex(state)
    let resizes = Resizes(plan, host, [])
    let returned = host.returned(of: plan)
    return plan.steps.map { resizes.progress(of: $0) ?? host.standing(of: $0.action, returned) }
  }

  /// Which NICs of a plan can be taken back by themselves where all of it is refused.
  public static func separable(_ plan: Plan, on state: HostState, without refusals: [Refusal]) -> [Target] {
    let refused = Set(refusals.compactMap(\.nic))
    let candidates = plan.nics.map(Target.nic).filter { target in
      !plan.only([target]).steps.contains { $0.nic.map(refused.contains) ?? false }
    }
    guard !candidates.isEmpty else { return [] }
    let back = rollback(of: plan, on: state, targets: candidates)
    return back.refusals.isEmpty ? back.nics.map(Target.nic) : []
  }

  private static func disturbance(of action: Action, _ host: HostIndex) -> Step.Disturbance {
    switch action {
    case .configure(let place, _, _):
      host.holdings[place.address]?.contains { $0.part == .live } ?? false ? .runningGuest : .nothing
    case .resize(let address, _, _):
      host.functions[address]?.isUsedByHost ?? false ? .hostNetwork : .nothing
    case .bind(let address, let from, let to)
    where Drivers.isPassthrough(to.driver) && !Drivers.isPassthrough(from.driver):
      host.functions[address]?.isUsedByHost ?? false ? .hostNetwork : .nothing
    case .attach(_, let placement), .detach(_, let placement):
      placement.part == .live ? .runningGuest : .nothing
    default: .nothing
    }
  }
}

extension HostIndex {
  /// Functions that the running guest has which the plan took them from: they are bound as that guest needs it.
  fileprivate func returned(of plan: Plan) -> Set<PCIAddress> {
    Set(
      plan.steps.lazy.filter { $0.unplugs($0.action.function) && self.progress(of: $0.action) == .notDone }
        .compactMap(\.action.function))
  }

  /// How far an action has come that is not to be carried out any more: what is as good as its end is one.
  fileprivate func standing(of action: Action, _ returned: Set<PCIAddress>) -> Progress {
    let progress = progress(of: action)
    guard case .other = progress, case .bind(let address, let from, let to) = action,
      let function = functions[address]
    else { return progress }
    if returned.contains(address) { return .notDone }
    let now = Binding(of: function)
    return to.isAsGood(as: now) ? .done : from.isAsGood(as: now) ? .notDone : progress
  }

  /// A function that was bound once more to where it was, lest libvirt put it back elsewhere.
  fileprivate func isKept(_ action: Action) -> Bool {
    guard case .bind(let address, let from, _) = action, let function = functions[address] else {
      return false
    }
    return from.isMet(by: Binding(of: function))
  }

  /// What a running guest cannot take, because it is not on a driver for guests any more, nor would be by then. What is
  /// managed libvirt binds itself.
  fileprivate func unready(_ action: Action, _ before: [Step]) -> String? {
    guard case .attach(let hostdev, let place) = action, place.part == .live,
      let function = functions[hostdev.address], !Drivers.isPassthrough(function.driver)
    else { return nil }
    if case .libvirt = place.guest, hostdev.isManaged { return nil }
    let isBound = before.contains { step in
      guard case .bind(hostdev.address, _, let to) = step.action else { return false }
      return Drivers.isPassthrough(to.driver)
    }
    return isBound ? nil : "\(hostdev.address) is on \(function.driver ?? "no driver") now"
  }

  /// The guest that an attach needs and that is not there to take anything.
  fileprivate func missingGuest(for action: Action) -> String? {
    guard case .attach(_, let placement) = action else { return nil }
    return guests[placement.guest]?.hostdevs(placement.part) == nil ? placement.guest.name : nil
  }
}

extension Progress {
  /// A step that was begun and is neither here nor there is taken back from where it is.
  fileprivate func settled(isInDoubt: Bool) -> Progress {
    if isInDoubt, case .other = self { .done } else { self }
  }
}

extension Plan {
  /// Whether any of its steps is about that.
  public func has(_ target: Target) -> Bool { steps.contains { $0.isAbout(target) } }

  /// All that its steps are about.
  public var targets: [Target] {
    nics.map(Target.nic) + Set(steps.compactMap(\.guest)).sorted().map(Target.guest)
  }

  /// The host's NICs that its steps are about.
  fileprivate var nics: [String] {
    Set(steps.compactMap(\.nic).compactMap { NICReference($0)?.nic }).sorted()
  }

  /// The steps about these, and those that rest on them: they are taken back before.
  func only(_ targets: [Target]) -> Plan {
    var kept: Set<String> = []
    var result = self
    result.steps = steps.filter { step in
      let isWanted = targets.contains(where: step.isAbout) || step.after.contains(where: kept.contains)
      if isWanted { kept.insert(step.id) }
      return isWanted
    }
    return result
  }
}

extension Step {
  fileprivate func isAbout(_ target: Target) -> Bool {
    switch target {
    case .guest(let name): guest == name
    case .nic(let name): nic == name || nic.flatMap { NICReference($0)?.nic } == name
    }
  }

  fileprivate func unplugs(_ function: PCIAddress?) -> Bool {
    guard case .detach(let hostdev, let placement) = action else { return false }
    return placement.part == .live && hostdev.address == function
  }
}

/// VFs that came and went with the plan. They have the addresses of those that were there before, and are others.
private struct Resizes {
  private var ends: [PCIAddress: (number: Int, progress: Progress)] = [:]
  private var numbers: [String: Int] = [:]
  private let host: HostIndex

  init(_ plan: Plan, _ host: HostIndex, _ inDoubt: Set<String>) {
    self.host = host
    for (number, step) in plan.steps.enumerated() {
      numbers[step.id] = number
      guard case .resize(let address, let from, let to) = step.action else { continue }
      let progress = host.progress(of: step.action).settled(isInDoubt: inDoubt.contains(step.id))
      let members = host.functions[address]?.virtualFunctions(max(from.count, to.count)) ?? []
      for member in members { ends[member.address] = (number, progress) }
    }
  }

  /// Nil where the host as it is now tells.
  func progress(of step: Step) -> Progress? {
    guard step.action.guest == nil, let function = step.action.function, let end = ends[function] else {
      return nil
    }
    if let number = numbers[step.id], number < end.number {
      // Done with the old one, which is not there to be looked at.
      return end.progress == .done ? .done : nil
    }
    // With the new one all that was done with it is gone.
    return end.progress == .done && host.functions[function] != nil ? nil : .notDone
  }
}
