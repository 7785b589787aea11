import Documents
import HostModel
import Manifests

extension Planner {
  /// The way back: the inverses of a plan's steps, last first, refused where what they left is no longer so.
  ///
  /// A plan of which only a part was done goes back by that part: a step whose effect is not there,
  /// and whose first state is, needs no inverse.
  public static func rollback(of plan: Plan, on state: HostState) -> Plan {
    let host = HostIndex(state)
    var result = Plan(request: plan.request, steps: [], refusals: [], notices: [], facts: [])
    var previous: [String: String] = [:]
    var waiting: [String: [String]] = [:]
    for step in plan.steps {
      for earlier in step.after { waiting[earlier, default: []].append("undo/\(step.id)") }
    }
    for step in plan.steps.reversed() {
      guard let inverse = step.action.inverse else {
        result.notices.append(
          Notice(
            .unmanaged, nic: step.nic, guest: step.guest, "\(step.id) is not taken back: it does no harm"))
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
      let waits = waiting[step.id] ?? []
      result.steps.append(
        Step(
          id: id, action: inverse, nic: step.nic, guest: step.guest, reason: .rollback,
          because: "takes back \(step.id)", disturbs: disturbance(of: inverse),
          after: waits + (previous[chain].map { waits.contains($0) ? [] : [$0] } ?? []), origin: nil))
      previous[chain] = id
    }
    let ids = Set(result.steps.map(\.id))
    for index in result.steps.indices { result.steps[index].after.removeAll { !ids.contains($0) } }
    if result.refusals.isEmpty { result.refusals = conflicts(of: result, host) }
    result.facts = Fact.all(plan.steps.compactMap(\.action.function), plan.request, host)
    return result
  }

  private static func disturbance(of action: Action) -> Step.Disturbance {
    switch action {
    case .attach(_, let placement), .detach(_, let placement):
      placement.part == .live ? .runningGuest : .nothing
    default: .nothing
    }
  }

  /// What the way back must not do either: take a function from a process that keeps it, or from the host
  /// that has come to use it.
  private static func conflicts(of plan: Plan, _ host: HostIndex) -> [Refusal] {
    func isDetached(_ hostdev: Hostdev, _ placement: Placement) -> Bool {
      plan.steps.contains { step in
        guard case .detach(let other, placement) = step.action else { return false }
        return other.address == hostdev.address && other.alias == hostdev.alias
      }
    }
    return plan.steps.compactMap { step in
      guard case .bind(let address, let from, let to) = step.action, from.driver != to.driver,
        let function = host.functions[address]
      else { return nil }
      if Drivers.mayBeHeld(from.driver) {
        return host.isLetGo(function, isDetached: isDetached)
          ? nil : function.inUse(nic: step.nic, guest: step.guest)
      }
      return Drivers.isPassthrough(to.driver) ? usedByHost(function, step, plan.request) : nil
    }
  }

  private static func usedByHost(_ function: PCIFunction, _ step: Step, _ request: Request) -> Refusal? {
    let nic = request.host.spec.nics.first { $0.name.value == step.nic }
    if nic?.allow.contains(.hostNetwork) ?? false { return nil }
    let uses = function.hostUses
    guard !uses.isEmpty else { return nil }
    return Refusal(
      .hostNetwork, nic: step.nic, guest: step.guest, "the host itself uses \(function.address) now",
      details: uses,
      help: "move that to another NIC first")
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

  private func presence(of hostdev: Hostdev, in placement: Placement, done isDoneWhenThere: Bool) -> Progress
  {
    guard case .known = state.guests(of: placement.guest) else {
      return .other("what \(placement.guest.name) has is not known")
    }
    let guest = guests[placement.guest]
    guard let list = placement.part == .live ? guest?.live : guest?.persistent else {
      // A guest that does not run, or is gone, has nothing: there is nothing to take out, and nowhere to put it.
      return isDoneWhenThere
        ? .notDone : .other("\(placement.guest.name) does not run or is not defined any more")
    }
    let isLibvirts = if case .libvirt = placement.guest { true } else { false }
    // A device that is replaced by the same one, managed otherwise, is another; to QEMU that means nothing.
    let isThere = list.contains {
      $0.address == hostdev.address && $0.alias == hostdev.alias
        && (!isLibvirts || $0.isManaged == hostdev.isManaged)
    }
    return isThere == isDoneWhenThere ? .done : .notDone
  }
}

extension HostState {
  /// How far a step has come on this host.
  public func progress(of action: Action) -> Progress { HostIndex(self).progress(of: action) }
}
