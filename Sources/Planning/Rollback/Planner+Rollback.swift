import Documents
import HostModel
import Manifests

extension Planner {
  /// Returns the plan that undoes another plan: the inverses of its steps, the last one first. A step whose
  /// effect has changed since is refused.
  ///
  /// Of a plan that was done in part only that part is undone: a step that is in its first state needs no
  /// inverse.
  ///
  /// - Parameters:
  ///   - inDoubt: ids of steps that were started and whose end was not recorded. Any of their
  ///     effects that is found is undone.
  ///   - targets: the NICs and guests to roll back; the whole plan if empty.
  ///   - isFinal: whether the run has ended and was confirmed if it had to be. The undo of a run
  ///     that is not final leads to the state before the run, also if no guest could have started
  ///     then.
  public static func rollback(
    of plan: Plan, on host: HostIndex, inDoubt: Set<String> = [], targets: [Target] = [],
    isFinal: Bool = true
  ) -> Plan {
    back(from: plan, on: host, inDoubt: inDoubt, targets: targets, isFinal ? .final : .interrupted)
  }

  /// Returns the refusals that keep a failed run from being undone, by the function that they are about.
  ///
  /// - Parameter plan: the steps that the run has done so far.
  public static func refusals(
    ofUndoing plan: Plan, on host: HostIndex, inDoubt: Set<String>
  ) -> [PCIAddress: Refusal] {
    let back = back(from: plan, on: host, inDoubt: inDoubt, targets: [], .failed)
    var result: [PCIAddress: Refusal] = [:]
    for report in back.guards where report.verdict == .refused && result[report.function] == nil {
      result[report.function] = back.refusals.first { report.found.contains($0.message) }
    }
    return result
  }

  private static func back(
    from plan: Plan, on host: HostIndex, inDoubt: Set<String>, targets: [Target], _ ending: RunEnding
  ) -> Plan {
    var plan = targets.isEmpty ? plan : plan.only(targets)
    plan.steps = plan.steps.map { host.located($0) }
    // The manifests of the earlier run are not in files any more.
    let request = plan.request.withoutPlaces
    var result = Plan(
      request: plan.request, machine: host.state.machine, steps: [], refusals: [],
      notices: host.copies(of: plan), facts: [])
    var previous: [String: String] = [:]
    var waiting: [String: [String]] = [:]
    for step in plan.steps { for earlier in step.after { waiting[earlier, default: []].append(step.id) } }
    let resizes = ResizedVFs(plan, host, inDoubt)
    let returned = host.returned(of: plan)
    var log = GuardLog()
    for step in plan.steps.reversed() {
      guard let inverse = step.action.inverse else {
        result.notices.append(
          Notice(
            .unmanaged, nic: step.nic, guest: step.guest,
            "\(step.id) is not undone: a loaded kernel module has no effect on its own"))
        continue
      }
      let known = resizes.state(of: step)
      let isThere = step.action.function.map { host.functions[$0] != nil } ?? true
      var state = (known ?? host.state(of: step, in: plan, returned))
        .settled(isInDoubt: isThere && inDoubt.contains(step.id))
      if state == .notDone, let found = host.differingDevice(step, in: plan) { state = .other(found) }
      switch state {
      case .notDone where !host.isReboundFirst(step.action, by: result.steps): continue
      case .other(let found):
        let violation = Violation(
          .changed, "\(step.id) cannot be undone: its effect has changed since", details: [found],
          help: "plan again from the manifests (pcipass plan), or undo the later change first")
        _ = host.candidate(of: step, request).map {
          log.record(.init(.changed, .violated(violation)), of: $0)
        }
        continue
      case .notDone, .done:
        if known == nil, host.isRepeatedBinding(step.action),
          !result.steps.contains(where: { $0.unplugs(step.action.function) })
        {
          continue
        }
        let violation =
          host.replaced(step, as: inverse).map { found in
            Violation(
              .changed, "\(step.id) cannot be undone: its function or guest was replaced", details: [found],
              help: "plan again from the manifests: pcipass plan")
          }
          ?? host.missingGuest(for: inverse).map { guest in
            Violation(
              .changed, "\(step.id) cannot be undone",
              details: ["\(step.guest ?? guest) is not running or no longer defined"],
              help: "start or define \(step.guest ?? guest), then roll back again")
          }
          ?? host.conflictingDevice(inverse, result.steps).map { found in
            Violation(
              .changed, "\(step.id) cannot be undone: another device is in its place", details: [found],
              help: "remove that device by hand, then roll back again")
          }
          ?? (ending == .final || inverse.device?.isLive ?? false
          ? host.missingRequirement(inverse, result.steps, of: plan) : nil).map { found in
            Violation(
              .changed, "\(step.id) cannot be undone: its function cannot be assigned", details: [found],
              help: "make the function available again, bind it to its earlier driver, then roll back again")
          }
        let outcome =
          violation.map { GuardOutcome.violated($0) } ?? .passed("its effect is unchanged")
        if let candidate = host.candidate(of: step, request) {
          guard log.record(.init(.changed, outcome), of: candidate) else { continue }
        }
        let notices = [
          host.runningDeviceNotice(of: step, as: inverse, in: plan),
          host.missingFunctionNotice(of: step, as: inverse, in: plan),
        ]
        result.notices += notices.compactMap { $0 }
      }
      let id = "undo/\(step.id)"
      // The steps of one NIC are undone one after another. Chains of different NICs are independent.
      let chain = step.action.function.map { "\($0)" } ?? step.id
      let waits = (waiting[step.id] ?? []).map { "undo/\($0)" }
      result.steps.append(
        Step(
          id: id, action: inverse, nic: step.nic, guest: step.guest, reason: .rollback,
          because: step.undoReason, disturbs: inverse.kind.disturbance(on: host),
          after: waits + (previous[chain].map { waits.contains($0) ? [] : [$0] } ?? []), origin: nil,
          identity: step.identity, guestUUID: step.guestUUID, guestProcess: step.guestProcess))
      previous[chain] = id
    }
    result.steps = host.withModules(
      host.ordered(host.freeingPortsFirst(bridgingMissingSteps(result.steps, waiting))))
    if log.refusals.isEmpty {
      let changes = host.changes(by: result.steps, request)
      let names = GuestNames(plan.request.guests, on: host)
      _ = log.judge(
        changes,
        in: GuardContext(
          host: host, direction: .back(ending), changes: changes, names: names, before: plan.facts))
      result.notices += host.referenceNotices(of: changes, names)
    }
    result.notices += host.restoringNotices(of: result.steps) + host.unknownDefinitions(after: result.steps)
    result.refusals = log.refusals
    result.guards = log.reports(on: result.steps)
    result.facts = Fact.collect(about: plan.steps.compactMap(\.action.function), plan.request, host)
    return result
  }

  /// Returns the steps with direct waits in place of waits for steps that need no inverse.
  ///
  /// - Parameter waiting: for each step of the plan, the ids of the steps that waited for it.
  private static func bridgingMissingSteps(_ steps: [Step], _ waiting: [String: [String]]) -> [Step] {
    let ids = Set(steps.map(\.id))
    return steps.map { step in
      var step = step
      var seen = Set(step.after)
      var open = step.after.filter { !ids.contains($0) }
      step.after.removeAll { !ids.contains($0) }
      while let missing = open.popLast() {
        for later in waiting[String(missing.dropFirst("undo/".count))] ?? [] {
          let id = "undo/\(later)"
          guard seen.insert(id).inserted else { continue }
          if ids.contains(id) { step.after.append(id) } else { open.append(id) }
        }
      }
      return step
    }
  }

  /// Returns how far each step of a plan has come, also for VFs that the plan itself deleted or created.
  public static func states(of plan: Plan, on host: HostIndex) -> [StepState] {
    let resizes = ResizedVFs(plan, host, [])
    let returned = host.returned(of: plan)
    return plan.steps.map { resizes.state(of: $0) ?? host.state(of: $0, in: plan, returned) }
  }

  /// Returns the NICs that can be rolled back on their own if the whole plan is refused.
  ///
  /// - Parameter refusals: the refusals of the rollback of the whole plan.
  public static func independentlyUndoable(_ plan: Plan, on host: HostIndex, without refusals: [Refusal])
    -> [Target]
  {
    let refused = Set(refusals.compactMap(\.nic))
    let candidates = plan.nics.map(Target.nic).filter { target in
      !plan.only([target]).steps.contains { $0.nic.map(refused.contains) ?? false }
    }
    guard !candidates.isEmpty else { return [] }
    let back = rollback(of: plan, on: host, targets: candidates)
    return back.refusals.isEmpty ? back.nics.map(Target.nic) : []
  }

}
