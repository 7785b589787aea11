import Documents
import Foundation
import HostModel
import Hosts
import Manifests
import Oracle
import Planning
import TestSupport

@testable import Execution

/// The commands of pcipass as the command line runs them, each followed by its invariants.
extension World {
  /// A fault, kill or event during a command.
  private struct Injection {
    var fault: Simulation.Fault?
    var death: Lifetime.Death?
    var interruption: Witness.Interruption?
    var words = ""

    var isNone: Bool { fault == nil && death == nil && interruption == nil }
  }

  /// A random fault, kill or event for the run of a plan, or none. Events need `jobs` 1, because
  /// they follow a step of a given number.
  private func randomInjection(_ plan: Plan, jobs: Int, _ dice: inout Dice) -> Injection {
    var result = Injection()
    let step = plan.steps[dice.number(0..<plan.steps.count)].id
    let number = dice.number(1..<(2 * plan.steps.count + 2))
    switch dice.number(0..<20) {
    case 0..<3: result.fault = Simulation.Fault(step: step, effect: .killed, writes: dice.number(0..<5))
    case 3: result.fault = Simulation.Fault(step: step, effect: dice.one(.refused, .busy, .ignored, .hang))
    case 4: result.death = .full(number)
    case 5..<8: result.death = dice.one(.before(number), .after(number), .torn(number))
    case 8..<12 where jobs == 1:
      let event = WorldEvent.any(&dice)
      let index = dice.number(1..<(plan.steps.count + 1))
      result.interruption = Witness.Interruption(number: index, change: event.change)
      result.words = "  # behind its change \(index): \(event.words)"
    default: break
    }
    if let fault = result.fault {
      result.words = "  # \(fault.step): \(fault.effect.rawValue), \(fault.writes) writes"
    }
    if let death = result.death { result.words = "  # its journal: \(death)" }
    return result
  }

  /// Whether all guests answer unplug requests at once.
  var isAnswered: Bool { state.simulation?.unplug.values.allSatisfy { $0 == .answers } ?? true }

  mutating func apply(_ dice: inout Dice) throws {
    let plan = Planner.plan(documents.request, on: state)
    guard plan.refusals.isEmpty, !plan.isEmpty else {
      count(plan.refusals.isEmpty ? "nothing to apply" : "applies refused")
      // An operator removes the refused claims from the manifests and continues.
      if dice.chance(50) {
        documents.drop(Set(plan.refusals.compactMap(\.nic)))
        say("# what was refused is left out")
      }
      return
    }
    let jobs = dice.one(1, 1, 8)
    let bad = randomInjection(plan, jobs: jobs, &dice)
    let confirm = dice.chance(15) ? 60 : nil
    say(
      "pcipass apply hv01.yaml --yes --jobs \(jobs)" + (documents.prune ? " --prune" : "")
        + (confirm.map { " --confirm-within \($0)" } ?? "") + bad.words)
    let kept = documents.declared.claims.keys.count
    let pruned = documents.prune ? Oracle.pruned(by: documents.declared, on: state).count : 0
    guard pruned == 0 || kept > 0 && pruned <= kept else {
      throw BrokenInvariant(
        "manifests that are missing remove nothing from guests", "\(pruned) of \(pruned + kept)")
    }
    let end = try run(
      plan, as: .apply, .run(undoPrefix: "undo/"), jobs: jobs, bad, confirmWithin: confirm, isFinal: true)
    guard end == .success, bad.interruption == nil else { return }
    let left = Planner.plan(plan.request, on: state)
    guard left.isEmpty, left.refusals.isEmpty else {
      throw BrokenInvariant("the second plan is empty", "\(left.ids) \(left.refusals.map(\.message))")
    }
    let unmet = Oracle.unmet(documents.declared, on: state)
    guard unmet.isEmpty else {
      throw BrokenInvariant("what was applied is there", unmet.joined(separator: "; "))
    }
  }

  mutating func confirm(_ dice: inout Dice) throws {
    hasWritten = true
    guard case .awaitsConfirmation(let journal)? = try store.obstacle() else { return }
    guard dice.chance(50) else { return try rollBack(journal, [], &dice) }
    say("pcipass confirm \(journal.id)")
    let file = try store.append(to: journal.id)
    try file.append(.confirmed(by: "root"))
  }

  mutating func rollback(_ dice: inout Dice) throws {
    let journals = try store.all()
    let taken = journals.rolledBack
    let left = journals.filter { taken[$0.id] == nil && $0.end == .success }
    guard let last = left.last else { return }
    let journal = dice.chance(75) ? last : left[dice.number(0..<left.count)]
    if case .awaitsConfirmation(let waiting)? = try store.obstacle(), waiting.id != journal.id { return }
    let targets = Set(journal.planOfEffects.steps.compactMap(\.nic)).sorted().map {
      Target.nic($0.components(separatedBy: "/")[0])
    }
    let only = dice.chance(35) && !targets.isEmpty ? [targets[dice.number(0..<targets.count)]] : []
    try rollBack(journal, only, &dice)
  }

  /// Runs the rollback of a journal, or of some NICs of it.
  private mutating func rollBack(_ journal: Journal, _ only: [Target], _ dice: inout Dice) throws {
    let isFinal = !journal.awaitsConfirmation
    let back = Planner.rollback(of: journal.planOfEffects, on: state, targets: only, isFinal: isFinal)
    let words = "pcipass rollback \(journal.id)" + only.map { " --target \($0)" }.joined()
    guard let record = records[journal.id] else { return }
    let isUntouched = record.changesAfter == changes && !record.isTroubled && only.isEmpty
    guard back.refusals.isEmpty else {
      count("rollbacks refused")
      // The driver to which libvirt will rebind a PF is unknown, so its VFs are not restored.
      let isLibvirts = back.refusals.contains { refusal in
        refusal.code == .virtualFunctions && byLibvirt.contains { refusal.message.contains("\($0)") }
      }
      // An earlier rollback removed the device of a card that had been replaced. The new card is
      // not assigned.
      let isOtherCard = records.values.contains { Oracle.cards(on: $0.before) != Oracle.cards(on: state) }
      if isUntouched, !isLibvirts, !isOtherCard, !isOfStart(back.refusals, on: record.before) {
        throw BrokenInvariant(
          "an unchanged apply can be rolled back",
          words + ": \(back.refusals.map { $0.message + " \($0.details)" })")
      }
      return
    }
    guard !back.isEmpty else { return }
    let jobs = dice.one(1, 1, 8)
    let bad = randomInjection(back, jobs: jobs, &dice)
    say(words + " --yes --jobs \(jobs)" + bad.words)
    let end = try run(
      back, as: .rollback(of: journal.id, only: only), isFinal ? .run(undoPrefix: "undo/undo/") : .undo,
      jobs: jobs, bad, confirmWithin: nil, isFinal: isFinal, goal: record.before)
    guard end == .success else { return }
    if isUntouched, bad.interruption == nil {
      try checkEquals(record.before, "a rollback leaves what was there before")
    }
    if only.isEmpty, bad.interruption == nil {
      let kept = record.added.intersection(Oracle.marks(on: state))
      guard kept.isEmpty else {
        throw BrokenInvariant("a rollback leaves nothing of the apply in guests", "\(kept.sorted())")
      }
    }
  }

  mutating func recover(_ dice: inout Dice) throws {
    hasWritten = true
    guard case .open(let journal)? = try store.obstacle() else { return }
    let direction = dice.one(RecoveryDirection.back, .back, .forward)
    let recovery = Recovery(journal, on: HostIndex(state))
    let plan = recovery.plan(direction)
    say("pcipass recover --\(direction.rawValue) --yes")
    let before = state
    let witness = Witness(
      on: state, allowed: allowed(of: journal.id), direction == .back ? .undo : .run(undoPrefix: "undo/"))
    guard
      let (_, end, after) = try Lifetime(folder, seed: changes, witness: witness).recover(
        direction, on: state)
    else {
      return
    }
    state = after
    if after != before { changes += 1 }
    count("recoveries")
    if direction == .forward { records[journal.id]?.cards.append(Oracle.cards(on: before)) }
    noteWhatLibvirtBinds(witness.result.actions)
    if let wrong = witness.result.wrong { throw BrokenInvariant("a recovery takes nothing", wrong) }
    guard plan.refusals.isEmpty else {
      guard state == before else { throw BrokenInvariant("what is refused changes nothing", "recover") }
      say("pcipass recover --leave --yes  # refused: \(plan.refusals.map(\.message))")
      let file = try store.append(to: journal.id)
      try file.append(.recovering(.leave, recovery.plan(.leave), boot: state.kernel.bootID))
      try file.append(.ended(.left))
      records[journal.id]?.isTroubled = true
      return
    }
    try checkRecoveryIsIdempotent(journal.id, direction, end)
    try checkGuestsStart(
      after: before, plan, direction == .forward && journal.header.task == .apply,
      [journal.id, journal.header.task.subject].compactMap { $0.flatMap { records[$0] } })
    if case .open? = try store.obstacle() {
      if isAnswered {
        throw BrokenInvariant(
          "a recovery comes to its end", "\(end.map { "\($0)" } ?? "nil"): \(try failures(of: journal.id))")
      }
      return
    }
    guard let record = records[journal.id], record.changesAfter == changes - (after != before ? 1 : 0) else {
      return
    }
    records[journal.id]?.changesAfter = changes
    if direction == .back, case .apply = journal.header.task, !record.isTroubled {
      try checkEquals(record.before, "a recovery goes back to what was there before")
    }
  }

  private func allowed(of id: Int?) -> Set<PCIAddress> {
    documents.declared.allowed.union(id.flatMap { records[$0]?.declared.allowed } ?? [])
  }

  /// Runs a plan with an injection, and checks the invariants that hold after every command.
  ///
  /// - Parameter goal: the state that a rollback restores; nil for an apply.
  private mutating func run(
    _ plan: Plan, as task: Journal.RunKind, _ way: Witness.PlanDirection, jobs: Int, _ bad: Injection,
    confirmWithin: Int?,
    isFinal: Bool, goal: HostState? = nil
  ) throws -> Outcome.End? {
    let before = state
    // A rollback may restore a state in which a guest could not start either.
    let obstacles = Oracle.obstacles(on: state).merging(
      goal.map { Oracle.obstacles(on: $0, isNext: true) } ?? [:], uniquingKeysWith: { one, _ in one })
    let witness = Witness(on: state, allowed: allowed(of: task.subject), way, bad.interruption)
    var start = state
    if let fault = bad.fault { start.simulation?.faults = [fault] }
    say("    # " + plan.ids.joined(separator: " "))
    let life = Lifetime(folder, death: bad.death, jobs: jobs, seed: changes, witness: witness)
    let done = try life.run(plan, as: task, isFinal: isFinal, confirmWithin: confirmWithin, on: start)
    state = done.state.withoutFaults
    changes += 1
    count(done.end.map { "\($0)" } ?? "killed")
    let seen = witness.result
    let marks = Oracle.marks(on: before)
    began(
      done.id,
      Record(
        before: before, cards: [Oracle.cards(on: before)], subject: task.subject,
        declared: task.subject.flatMap { records[$0]?.declared } ?? documents.declared,
        changesAfter: changes,
        isTroubled: seen.isInterrupted || !isAnswered,
        added: seen.isInterrupted ? [] : Oracle.marks(on: state).subtracting(marks)))
    if jobs > 1, bad.isNone, isAnswered, done.end == .success {
      try checkSerialRunIsEqual(plan, task == .apply ? .forward : .back(isFinal: isFinal), before)
    }
    if let wrong = seen.wrong {
      throw BrokenInvariant("no step takes anything from the host or a guest", wrong)
    }
    noteWhatLibvirtBinds(seen.actions)
    try checkOnlyNamedChanged(seen, before)
    if goal != nil { try checkSameCards(seen.actions, cards(of: task.subject), before) }
    let isDisturbed = seen.isInterrupted || !isAnswered
    switch done.end {
    case .success where !isDisturbed:
      let allowed = allowed(of: task.subject)
      let claimed = documents.declared.claims.values.joined().map(\.address)
      let new = Oracle.obstacles(on: state).filter { place, _ in
        let isKnown = obstacles[place] != nil || allowed.contains { place.hasSuffix("\($0)") }
        // The unclaimed members of an IOMMU group of which a guest has a part are checked after
        // rollbacks only.
        return !isKnown && (goal != nil || claimed.contains { place.hasSuffix("\($0)") })
      }
      let twice = Oracle.assignedTwice(on: state)
        .subtracting(Oracle.assignedTwice(on: before)).subtracting(allowed)
        .subtracting(goal.map { Oracle.assignedTwice(on: $0) } ?? [])
      if isFinal, !twice.isEmpty {
        throw BrokenInvariant("no function is promised to two guests", "\(twice)")
      }
      if isFinal, !new.isEmpty { throw BrokenInvariant("guests that could start can start", "\(new)") }
    case .undone where !isDisturbed: try checkEquals(before, "what failed leaves what was there before")
    default: break
    }
    if let end = done.end, end != .success, bad.isNone, isAnswered, !isUnforeseeable(plan, before) {
      throw BrokenInvariant("where nothing goes wrong, nothing fails", "\(end): \(try failures(of: done.id))")
    }
    return done.end
  }

  private mutating func noteWhatLibvirtBinds(_ actions: [Action]) {
    for action in actions {
      if case .attach(let attach) = action, attach.placement.guest.kind == .libvirt, attach.hostdev.isManaged
      {
        byLibvirt.insert(attach.hostdev.address)
      }
    }
  }

  private func failures(of id: Int) throws -> [String] {
    try (store.journal(id)?.entries ?? []).compactMap { entry in
      switch entry {
      case .failed(let step, let failure, _), .undoFailed(let step, let failure):
        "\(step.id): \(failure.message)"
      default: nil
      }
    }
  }

  /// Whether the plan depends on the driver to which libvirt rebinds a managed device. Only libvirt
  /// has recorded it, and it may be that of another tool.
  private func isUnforeseeable(_ plan: Plan, _ before: HostState) -> Bool {
    plan.steps.contains { step in
      step.action.function.map { before.simulation?.managedFrom["\($0)"] == "uio_pci_generic" } ?? false
    }
  }
}
