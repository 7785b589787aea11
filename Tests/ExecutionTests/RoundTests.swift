import Documents
import Foundation
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

@testable import Execution

/// A host's life: plan, apply and rollback, again and again, with everything that can happen in between. PCIPASS_SOAK=N
/// lives N times as long; PCIPASS_SEED=N begins with a host that was reported.
@Suite("Round after round")
struct RoundTests {
  /// That of a host that was reported.
  private static let firstSeed = ProcessInfo.processInfo.environment["PCIPASS_SEED"].flatMap(Int.init) ?? 0

  /// What has happened in all rounds.
  private struct Figures {
    var rounds = 0
    var steps = 0
    var kills = 0
    var faults = 0
    var recoveries = 0
    var forward = 0
    var kept = 0
    var inUse = 0

    mutating func add(_ other: Figures) {
      rounds += other.rounds
      steps += other.steps
      kills += other.kills
      faults += other.faults
      recoveries += other.recoveries
      forward += other.forward
      kept += other.kept
      inUse += other.inUse
    }
  }

  private struct Wrong: Error { let words: String }

  @Test("nothing is lost, whenever pcipass is killed, whatever fails, and however often")
  func rounds() throws {
    let folder = "/dev/shm/pcipass-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var figures = Figures()
    var seed = Self.firstSeed
    while figures.rounds < 250 * soak {
      do {
        figures.add(try life(seed: seed, "\(folder)/\(seed)"))
      } catch let wrong as Wrong {
        Issue.record("seed \(seed): \(wrong.words)")
        return
      }
      try? FileManager.default.removeItem(atPath: "\(folder)/\(seed)")
      seed += 1
    }
    print(
      "rounds: \(figures.rounds) on \(seed - Self.firstSeed) hosts, \(figures.steps) steps; \(figures.kills) kills, "
        + "\(figures.faults) faults; \(figures.recoveries) recoveries, \(figures.forward) of them forward; "
        + "\(figures.kept) applies kept; \(figures.inUse) rollbacks refused because of a group in use")
    #expect(Self.firstSeed > 0 || figures.kills > 20 && figures.recoveries > 20 && figures.forward > 5)
  }

  /// Up to five rounds on one host, each with what the last one has left.
  private func life(seed: Int, _ folder: String) throws -> Figures {
    var random = RandomCase(seed: seed)
    var figures = Figures()
    var state = random.start
    for round in 0..<5 {
      // Other manifests for the same host: those of another case name the same ports and guests.
      let other = RandomCase(seed: seed &+ round &* 7919)
      let plan = Planner.plan(other.request, on: state)
      guard plan.refusals.isEmpty, !plan.isEmpty, !isLibvirtsToBind(plan, state) else { continue }
      figures.rounds += 1
      figures.steps += plan.steps.count
      try self.round(plan, &state, folder, &random.dice, &figures)
    }
    return figures
  }

  /// What libvirt binds itself (`bind: on-start`) it puts back without the override that it had, and never to no driver.
  private func isLibvirtsToBind(_ plan: Plan, _ state: HostState) -> Bool {
    plan.steps.contains { step in
      guard case .attach(let attach) = step.action, let function = state[attach.hostdev.address] else {
        return false
      }
      let isBound = plan.steps.contains { $0.id == "bind/\(function.address)" }
      let override = function.driverOverride
      return !isBound && (function.driver == nil || override != nil && override != function.driver)
    }
  }

  private func round(
    _ plan: Plan, _ state: inout HostState, _ folder: String, _ dice: inout Dice, _ figures: inout Figures
  ) throws {
    let start = state
    var story: [String] = ["\(Standing(start))", "\(plan.ids)"]
    func wrong(_ what: String, _ now: HostState) -> Wrong {
      Wrong(words: (story + [what, Standing(now).difference(from: Standing(start))]).joined(separator: "\n"))
    }
    func sameAsStart(_ now: HostState, _ what: String) throws {
      guard Standing(now) == Standing(start) else { throw wrong(what, now) }
    }

    let jobs = dice.one(1, 8)
    story.append("\(jobs) at a time")
    func lifetime(_ death: Lifetime.Death? = nil) -> Lifetime {
      Lifetime(folder, death: death, jobs: jobs, seed: plan.steps.count)
    }
    let death = unfortunate(plan, &state, &dice, &story, &figures)
    let done = try lifetime(death).apply(plan, on: state)
    state = without(done.state)
    story.append("apply: \(done.end.map { "\($0)" } ?? "killed")")
    let direction = dice.chance(40) ? JournalEntry.Direction.forward : .back
    if case .open(let journal)? = try JournalStore(folder).obstacle() {
      figures.recoveries += 1
      if direction == .forward { figures.forward += 1 }
      story.append("journal:\n" + journal.entries.map { "  \($0)".prefix(160) }.joined(separator: "\n"))
      for attempt in 0..<12 {
        let death: Lifetime.Death? = attempt < 2 && dice.chance(30) ? .after(dice.number(4..<30)) : nil
        guard let next = try lifetime(death).recover(direction, on: state) else { break }
        state = next.state
        story.append("recover \(direction): \(next.plan.ids) \(next.end.map { "\($0)" } ?? "killed")")
        if isOfStart(next.plan.refusals, on: start) {
          // It is refused and said, and the group is left.
          figures.inUse += 1
          state = start
          try FileManager.default.removeItem(atPath: folder)
          return
        }
        guard next.plan.refusals.isEmpty else {
          throw wrong("refused: \(next.plan.refusals.map { $0.message + " \($0.details)" })", state)
        }
      }
      guard try JournalStore(folder).obstacle() == nil else { throw wrong("no end", state) }
      if direction == .back { return try sameAsStart(state, "recovered back, and not as it was") }
      let left = Planner.plan(plan.request, on: state)
      guard left.isEmpty, left.refusals.isEmpty else {
        throw wrong("recovered forward, and left to do: \(left.ids) \(left.refusals.map(\.message))", state)
      }
    } else if done.end != .success {
      return try sameAsStart(state, "undone, and not as it was")
    }

    // It stays now and then, for the next round to start from.
    if dice.chance(25) {
      figures.kept += 1
      return
    }
    guard let journal = try JournalStore(folder).journal(done.id) else { throw wrong("no journal", state) }
    let back = Planner.rollback(of: journal.doings, on: state)
    if isOfStart(back.refusals, on: start) {
      figures.inUse += 1
      return
    }
    guard back.refusals.isEmpty else {
      throw wrong("no way back: \(back.refusals.map { $0.message + " \($0.details)" })", state)
    }
    story.append("rollback: \(back.ids)")
    guard !back.isEmpty else { return try sameAsStart(state, "nothing to take back, and not as it was") }
    let undone = try lifetime().run(back, as: .rollback(of: done.id, only: []), on: state)
    state = undone.state
    guard undone.end == .success else { throw wrong("the way back failed", state) }
    try sameAsStart(state, "taken back, and not as it was")
  }

  /// What goes wrong in this round, if anything.
  private func unfortunate(
    _ plan: Plan, _ state: inout HostState, _ dice: inout Dice, _ story: inout [String],
    _ figures: inout Figures
  ) -> Lifetime.Death? {
    let step = plan.steps[dice.number(0..<plan.steps.count)].id
    let number = dice.number(1..<(2 * plan.steps.count + 2))
    var fault: Simulation.Fault?
    var death: Lifetime.Death?
    switch dice.number(0..<10) {
    case 0..<3: break
    case 3..<5: fault = Simulation.Fault(step: step, effect: .killed, writes: dice.number(0..<5))
    case 5: fault = Simulation.Fault(step: step, effect: dice.one(.refused, .busy, .ignored, .hang))
    case 6: death = .full(number)
    default: death = dice.one(.before(number), .after(number), .torn(number))
    }
    if let fault {
      state.simulation?.faults = [fault]
      story.append("\(fault)")
      if fault.effect == .killed { figures.kills += 1 } else { figures.faults += 1 }
    }
    if let death {
      story.append("\(death)")
      if case .full = death { figures.faults += 1 } else { figures.kills += 1 }
    }
    return death
  }

  private func without(_ state: HostState) -> HostState {
    var state = state
    state.simulation?.faults = []
    return state
  }
}
