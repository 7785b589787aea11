import Foundation
import HostModel
import Hosts
import Planning
import TestSupport
import Testing

@testable import Execution

/// A rollback that is interrupted at any point can be recovered in both directions: back to the
/// applied state, and forward to the state before the apply.
@Suite("Recovery of an interrupted rollback")
struct RollbackMatrixTests {
  typealias Scene = FaultMatrixTests.Scene

  private static let directions = [RecoveryDirection.back, .forward]

  /// A scene that was applied, with its journal and its rollback.
  private struct Applied {
    let scene: Scene
    let state: HostState
    let journal: Data
    let back: Plan
    let start: Standing
    let end: Standing

    init(_ scene: Scene) throws {
      let (state, journal, effectsPlan) = try withFolder { folder in
        let applied = try Lifetime(folder, jobs: scene.jobs).apply(scene.plan, on: scene.start)
        let done = try #require(try JournalStore(folder).journal(1))
        return (applied.state, try Data(contentsOf: URL(filePath: folder + "/journal/1")), done.planOfEffects)
      }
      self.scene = scene
      self.state = state
      self.journal = journal
      back = Planner.rollback(of: effectsPlan, on: state)
      #expect(back.refusals.isEmpty)
      start = Standing(scene.start)
      end = Standing(state)
    }

    /// Runs the rollback with an interruption.
    ///
    /// - Returns: the state of the host; nil where the rollback was not interrupted.
    func interrupted(
      in folder: String, death: Lifetime.Death? = nil, faults: [Simulation.Fault] = []
    ) throws -> HostState? {
      mkdir(folder + "/journal", 0o700)
      try journal.write(to: URL(filePath: folder + "/journal/1"))
      chmod(folder + "/journal/1", 0o600)
      var state = state
      var simulation = state.simulation ?? Simulation()
      simulation.faults = faults
      state.simulation = simulation
      state = try Lifetime(folder, death: death, jobs: scene.jobs)
        .run(back, as: .rollback(of: 1, only: []), on: state).state
      state.simulation?.faults = []
      guard case .open? = try JournalStore(folder).obstacle() else { return nil }
      return state
    }
  }

  private func expect(
    _ applied: Applied, _ direction: RecoveryDirection, _ state: HostState, _ folder: String,
    _ what: String, deaths: [Lifetime.Death] = [], at location: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let settled = try settle(direction, state, folder, deaths: deaths, jobs: applied.scene.jobs)
    let wanted = direction == .back ? applied.end : applied.start
    let now = Standing(settled.state)
    #expect(
      settled.problem == nil && now == wanted,
      "\(applied.scene.name), \(what), \(direction): \(settled.problem ?? "")\n\(settled.trace)\(now.difference(from: wanted))",
      sourceLocation: location)
  }

  @Test(
    "succeeds when the rollback was killed before, between or after the writes of a step",
    arguments: FaultMatrixTests.scenes)
  func killed(scene: Scene) throws {
    var count = 0
    let applied = try Applied(scene)
    for step in applied.back.steps {
      for writes in 0...4 {
        for direction in Self.directions {
          try withFolder { (folder) throws in
            let fault = Simulation.Fault(step: step.id, effect: .killed, writes: writes)
            guard let state = try applied.interrupted(in: folder, faults: [fault]) else { return }
            count += 1
            try expect(applied, direction, state, folder, "killed after \(writes) writes of \(step.id)")
          }
        }
      }
    }
    #expect(count > 20)
  }

  @Test(
    "succeeds when the rollback was killed at a journal record, or power failed within one",
    arguments: FaultMatrixTests.scenes)
  func journal(scene: Scene) throws {
    let applied = try Applied(scene)
    for number in 1...(2 * applied.back.steps.count + 2) {
      for death in [Lifetime.Death.before(number), .after(number), .torn(number)] {
        for direction in Self.directions {
          try withFolder { (folder) throws in
            guard let state = try applied.interrupted(in: folder, death: death) else { return }
            try expect(applied, direction, state, folder, "\(death)")
          }
        }
      }
    }
  }

  @Test(
    "succeeds when earlier recoveries were killed at a journal record",
    arguments: FaultMatrixTests.scenes)
  func recoveryKilled(scene: Scene) throws {
    let applied = try Applied(scene)
    let steps = applied.back.steps
    let fault = Simulation.Fault(step: steps[steps.count / 2].id, effect: .killed, writes: 1)
    for direction in Self.directions {
      for number in stride(from: 2, through: 3 * steps.count, by: 2) {
        for death in [Lifetime.Death.before(number), .torn(number)] {
          try withFolder { (folder) throws in
            guard let state = try applied.interrupted(in: folder, faults: [fault]) else { return }
            try expect(applied, direction, state, folder, "then \(death)", deaths: [death, death])
          }
        }
      }
    }
  }

  @Test(
    "succeeds when a recovery in the other direction was interrupted",
    arguments: FaultMatrixTests.scenes)
  func turnedAround(scene: Scene) throws {
    let applied = try Applied(scene)
    let steps = applied.back.steps
    for step in steps {
      for direction in Self.directions {
        for number in stride(from: 3, through: 2 * steps.count, by: 3) {
          try withFolder { (folder) throws in
            let fault = Simulation.Fault(step: step.id, effect: .killed, writes: 1)
            guard let state = try applied.interrupted(in: folder, faults: [fault]) else { return }
            let other = direction == .back ? RecoveryDirection.forward : .back
            guard
              let half = try Lifetime(folder, death: .before(number), jobs: scene.jobs).recover(
                other, on: state),
              half.end == nil || half.end == .stuck
            else { return }
            guard case .open? = try JournalStore(folder).obstacle() else { return }
            try expect(
              applied, direction, half.state, folder, "at \(step.id), \(other) until \(number), then")
          }
        }
      }
    }
  }

  // MARK: A power cut

  /// The state after a reboot: native drivers, no VFs, no overrides and no running guests. The
  /// definitions of guests stay.
  static func booted(_ state: HostState) -> HostState {
    var state = state
    state.functions.removeAll { $0.virtualFunction != nil }
    for index in state.functions.indices {
      let function = state.functions[index]
      state.functions[index].driverOverride = nil
      state.functions[index].driver = function.nativeDriver
      state.functions[index].holders = .known([])
      state.functions[index].sriov?.count = 0
      state.functions[index].sriov?.autoprobe = true
      if function.interfaces.isEmpty, let identity = function.remembered {
        state.functions[index].interfaces = [
          NetworkInterface(name: identity.interface ?? "eth0", mac: identity.mac, permanentMAC: identity.mac)
        ]
      }
    }
    state.libvirt = .known(
      (state.libvirt.value ?? []).compactMap { guest in
        guest.persistent.map { GuestState(name: guest.name, run: .shutoff, persistent: $0, live: nil) }
      })
    // QEMUs without libvirt are started again, without hot-plugged devices.
    state.qemu = .known(
      (state.qemu.value ?? []).map { guest in
        var guest = guest
        guest.live = []
        guest.freePorts = guest.buses.count
        guest.buses = guest.buses.map { GuestState.Bus(name: $0.name, free: 1) }
        return guest
      })
    state.kernel.drivers = .known(["igb", "pcieport"])
    state.kernel.modules = .known([])
    state.kernel.bootID = "another"
    state.simulation = Simulation(virtualDriver: state.simulation?.virtualDriver)
    return state
  }

  /// Checks a recovery after a reboot.
  ///
  /// A recovery backwards restores the definitions, which survive a reboot; all else is as the boot
  /// leaves it. A recovery forwards of an apply is planned from scratch.
  private func afterBoot(
    _ scene: Scene, _ direction: RecoveryDirection, _ state: HostState, _ folder: String,
    wantsApplied: Bool, _ what: String
  ) throws {
    let booted = Self.booted(state)
    guard case .open(let journal)? = try JournalStore(folder).obstacle() else { return }
    #expect(Recovery(journal, on: HostIndex(booted)).isOtherBoot)
    let settled = try settle(direction, booted, folder, jobs: scene.jobs)
    let wanted: HostState
    if wantsApplied, direction == .forward {
      let here = Self.booted(scene.start)
      wanted = try end(of: Planner.plan(scene.request, on: here), on: here)
    } else {
      wanted = Self.booted(wantsApplied ? try end(of: scene.plan, on: scene.start) : scene.start)
    }
    let now = Standing(settled.state)
    #expect(
      settled.problem == nil && now == Standing(wanted),
      "\(scene.name), \(what), \(direction): \(settled.problem ?? "")\n\(settled.trace)\(now.difference(from: Standing(wanted)))"
    )
    if wantsApplied, direction == .forward { try rolledBack(scene, journal.id, settled.state, folder, what) }
  }

  /// An apply that continued after a reboot is still one apply: its rollback leads to the state of
  /// the original host after a boot.
  private func rolledBack(
    _ scene: Scene, _ id: Int, _ state: HostState, _ folder: String, _ what: String
  ) throws {
    let journal = try #require(try JournalStore(folder).journal(id))
    let back = Planner.rollback(of: journal.planOfEffects, on: state)
    #expect(back.refusals.isEmpty, "\(scene.name), \(what): \(back.refusals.map(\.message))")
    let undone = try Lifetime(folder, jobs: scene.jobs)
      .run(back, as: .rollback(of: id, only: []), on: state)
    let start = Standing(Self.booted(scene.start))
    #expect(
      undone.end == .success && Standing(undone.state) == start,
      "\(scene.name), \(what): \(back.ids)\n\(Standing(undone.state).difference(from: start))")
  }

  private func end(of plan: Plan, on state: HostState) throws -> HostState {
    let host = SimulatedHost(state)
    #expect(plan.refusals.isEmpty)
    #expect(Executor(host: host, journal: { _ in }).run(plan.steps).end == .success)
    return host.state
  }

  @Test(
    "succeeds for an interrupted apply, too, after a power cut and a reboot",
    arguments: FaultMatrixTests.scenes)
  func applyBooted(scene: Scene) throws {
    for step in scene.plan.steps {
      for writes in [0, 2] {
        for direction in Self.directions {
          try withFolder { (folder) throws in
            var start = scene.start
            start.simulation = start.simulation ?? Simulation()
            start.simulation?.faults = [.init(step: step.id, effect: .killed, writes: writes)]
            start.kernel.bootID = "first"
            let done = try Lifetime(folder, jobs: scene.jobs).apply(scene.plan, on: start)
            try afterBoot(
              scene, direction, done.state, folder, wantsApplied: direction == .forward,
              "\(writes) writes of \(step.id)")
          }
        }
      }
    }
  }

  @Test(
    "succeeds after a power cut and a reboot",
    arguments: FaultMatrixTests.scenes)
  func rollbackBooted(scene: Scene) throws {
    var first = scene.start
    first.kernel.bootID = "first"
    let scene = Scene(name: scene.name, manifests: scene.manifests, start: first, jobs: scene.jobs)
    let applied = try Applied(scene)
    for step in applied.back.steps {
      for writes in [0, 2] {
        for direction in Self.directions {
          try withFolder { (folder) throws in
            let fault = Simulation.Fault(step: step.id, effect: .killed, writes: writes)
            guard let state = try applied.interrupted(in: folder, faults: [fault]) else { return }
            try afterBoot(
              scene, direction, state, folder, wantsApplied: direction == .back,
              "\(writes) writes of \(step.id)")
          }
        }
      }
    }
  }
}
