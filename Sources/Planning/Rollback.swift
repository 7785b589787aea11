import HostModel

extension Planner {
  /// The way back: the inverses of a plan's steps, last first, refused where what they left is no longer so.
  ///
  /// A plan of which only a part was done goes back by that part: a step whose effect is not there,
  /// and whose first state is, needs no inverse.
  public static func rollback(of plan: Plan, on state: HostState) -> Plan {
    let host = HostIndex(state)
    var result = Plan(request: plan.request, steps: [], refusals: [], notices: [], facts: [])
    var previous: [String: String] = [:]
    for step in plan.steps.reversed() {
      guard let inverse = step.action.inverse else {
        result.notices.append(
          Notice(.unmanaged, nic: step.nic, guest: step.guest, "\(step.id) is not taken back: it does no harm"))
        continue
      }
      switch host.progress(of: step.action) {
      case .notDone: continue
      case .other(let found):
        result.refusals.append(
          Refusal(
            .changed, nic: step.nic, guest: step.guest,
            "\(step.id) cannot be taken back: what it left has changed since", details: [found],
            help: "plan anew from the manifests, or put it back by hand first"))
        continue
      case .done: break
      }
      let id = "undo/\(step.id)"
      // One after another in each NIC's chain; other chains do not wait.
      let chain = step.action.function.map { "\($0)" } ?? step.id
      let waits = plan.steps.filter { $0.after.contains(step.id) }.map { "undo/\($0.id)" }
      result.steps.append(
        Step(
          id: id, action: inverse, nic: step.nic, guest: step.guest, reason: .rollback,
          because: "takes back \(step.id)", disturbs: disturbance(of: inverse),
          after: waits + (previous[chain].map { waits.contains($0) ? [] : [$0] } ?? []), origin: nil))
      previous[chain] = id
    }
    let ids = Set(result.steps.map(\.id))
    for index in result.steps.indices { result.steps[index].after.removeAll { !ids.contains($0) } }
    if result.refusals.isEmpty { result.refusals = conflicts(of: result.steps, host) }
    result.facts = Fact.all(plan.steps.compactMap(\.action.function), host)
    return result
  }

  private static func disturbance(of action: Action) -> Step.Disturbance {
    switch action {
    case .attach(_, let placement), .detach(_, let placement):
      placement.part == .live ? .runningGuest : .nothing
    default: .nothing
    }
  }

  /// What the way back must not do either: take a function away from a process that nobody detaches.
  private static func conflicts(of steps: [Step], _ host: HostIndex) -> [Refusal] {
    steps.compactMap { step in
      guard case .bind(let address, let from, _) = step.action, Drivers.isPassthrough(from.driver),
        let function = host.functions[address]
      else { return nil }
      let isDetached = steps.contains { other in
        if case .detach(let hostdev, let placement) = other.action {
          return hostdev.address == address && placement.part == .live
        }
        return false
      }
      if isDetached { return nil }
      switch function.holders {
      case .known(let holders) where holders.isEmpty: return nil
      case .known(let holders):
        return Refusal(
          .inUse, nic: step.nic, guest: step.guest, "\(address) cannot be taken from \(from.driver ?? ""): it is in use",
          details: holders.map { "process \($0.process) (\($0.command)) has its VFIO group open" })
      case .unavailable(let reason):
        return Refusal(
          .unavailable, nic: step.nic, guest: step.guest, "whether a process uses \(address) is not known: \(reason)")
      }
    }
  }
}

/// How far a step has come, told from the host alone.
public enum Progress: Sendable, Equatable {
  case notDone
  case done
  /// Neither its first state nor its last: what is there instead.
  case other(String)
}

extension HostIndex {
  func progress(of action: Action) -> Progress {
    switch action {
    case .load(let module): return drivers?.contains(module) ?? true ? .done : .notDone
    case .bind(let address, let from, let to):
      guard let function = functions[address] else { return .other("\(address) is gone") }
      let now = Binding(of: function)
      if to.isMet(by: now) { return .done }
      return from.isMet(by: now) ? .notDone : .other("\(address) is on \(now)")
    case .attach(let hostdev, let placement): return presence(of: hostdev, in: placement, done: true)
    case .detach(let hostdev, let placement): return presence(of: hostdev, in: placement, done: false)
    }
  }

  private func presence(of hostdev: Hostdev, in placement: Placement, done isDoneWhenThere: Bool) -> Progress {
    guard case .known = state.guests(of: placement.guest) else {
      return .other("what \(placement.guest.name) has is not known")
    }
    let guest = guests[placement.guest]
    guard let list = placement.part == .live ? guest?.live : guest?.persistent else {
      // A guest that does not run, or is gone, has nothing: there is nothing to take out, and nowhere to put it.
      return isDoneWhenThere ? .notDone : .other("\(placement.guest.name) does not run or is not defined any more")
    }
    let isThere = list.contains { $0.address == hostdev.address && $0.alias == hostdev.alias }
    return isThere == isDoneWhenThere ? .done : .notDone
  }
}

extension HostState {
  /// How far a step has come on this host.
  public func progress(of action: Action) -> Progress { HostIndex(self).progress(of: action) }
}
