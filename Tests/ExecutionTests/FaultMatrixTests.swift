import Documents
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

@testable import Execution

/// Tests each kind of step with each kind of failure. After the recovery the host has the state of
/// before the apply, or the applied state.
@Suite("An apply that is interrupted at any step")
struct FaultMatrixTests {
  /// Manifests and a host. Together the scenes have every kind of step.
  struct Scene: CustomTestStringConvertible, Sendable {
    let name: String
    let manifests: String
    let start: HostState
    /// The number of steps that run at the same time.
    var jobs = 1
    /// Whether it has so many steps that it is tested with one at a time only.
    var isLong = false

    var testDescription: String { "\(name), \(jobs) at a time" }
    var request: Request { TestSupport.request(manifests) }
    var plan: Plan { Planner.plan(request, on: start) }

    /// The state after an apply without failures.
    var end: Standing {
      let host = SimulatedHost(start)
      let outcome = Executor(host: host, journal: { _ in }).run(plan.steps)
      precondition(outcome.end == .success, "\(name): \(String(describing: outcome.failure))")
      return Standing(host.state)
    }
  }

  static let scenes = [1, 8].flatMap { jobs in
    plainScenes.filter { jobs == 1 || !$0.isLong }.map { scene in
      var scene = scene
      scene.jobs = jobs
      return scene
    }
  }

  private static let plainScenes = [
    Scene(
      name: "a NIC moves between running guests, another is reserved, a third goes in",
      manifests: host(
        """
        name: lan, select: {address: '0000:03:00.0'}
        name: dmz, select: {address: '0000:04:00.0'}, reserve: true, driver: pci-stub
        name: web, select: {address: '0000:05:00.0'}
        """) + guest("a", "name: net0, from: web") + guest("b", "name: net0, from: lan"),
      start: state(
        [
          nic(
            "03:00.0", driver: "vfio-pci", override: "vfio-pci",
            holders: .known([Holder(process: 1, command: "qemu")])), nic("04:00.0"), nic("05:00.0"),
        ], libvirt: [running("a", [marked("03:00.0", "net0", at: "00:05.0")]), running("b")],
        drivers: .known(["igb", "vfio-pci"]))),
    Scene(
      name: "a NIC leaves a guest for the host, another QEMU gets one",
      manifests: host(
        """
        name: lan, select: {address: '0000:03:00.0'}
        name: web, select: {address: '0000:05:00.0'}
        """) + guest("a") + guest("q", "name: net0, from: web", "qemu: {qmp: /run/q.sock}"),
      start: state(
        [
          nic(
            "03:00.0", driver: "vfio-pci", override: "vfio-pci",
            holders: .known([Holder(process: 1, command: "qemu")])), nic("05:00.0"),
        ], libvirt: [running("a", [marked("03:00.0", "net0", at: "00:05.0")])],
        qemu: [runningQEMU("/run/q.sock")], drivers: .known(["igb", "vfio-pci"]))),
    Scene(
      name: "VFs come and go into guests with their settings",
      manifests: host("name: pool, select: {address: '0000:06:00.0'}, virtualFunctions: {count: 2}")
        + guest("a", "name: net0, from: pool/0, mac: '02:00:00:00:00:05', vlan: 12"),
      start: vfHost(count: 0)),
    Scene(
      name: "devices of a definition get marks and exchange names",
      manifests: host(
        """
        name: lan, select: {address: '0000:03:00.0'}
        name: dmz, select: {address: '0000:04:00.0'}
        name: web, select: {address: '0000:05:00.0'}
        """)
        + guest(
          "a",
          """
          name: one, from: lan
          name: two, from: dmz
          name: three, from: web, managed: false
          """),
      start: {
        let functions = ["03:00.0", "04:00.0", "05:00.0"].map {
          nic($0, driver: "vfio-pci", override: "vfio-pci")
        }
        var booting = foreign("05:00.0")
        booting.alias = nil
        booting.element =
          "<hostdev mode='subsystem' type='pci' managed='yes'>\n  <source>\n    <address domain='0x0000' bus='0x05' "
          + "slot='0x00' function='0x0'/>\n  </source>\n  <boot order='1'/>\n</hostdev>"
        return state(
          functions, libvirt: [off("a", [marked("03:00.0", "two"), marked("04:00.0", "one"), booting])])
      }()),
    Scene(
      name: "another number of VFs",
      manifests: host("name: pool, select: {address: '0000:06:00.0'}, virtualFunctions: {count: 3}")
        + guest("a", "name: net0, from: pool/2, mac: '02:00:00:00:00:05'"),
      start: vfHost(count: 2)),
    Scene(
      name: "two VFs exchange MAC addresses and go into running guests",
      manifests: host("name: pool, select: {address: '0000:06:00.0'}, virtualFunctions: {count: 2}")
        + guest("a", "name: one, from: pool/0, mac: '02:00:00:00:01:01', vlan: 12")
        + guest("b", "name: two, from: pool/1, mac: '02:00:00:00:01:00', vlan: 7"),
      start: vfHost(count: 2, guests: ["a", "b"]), isLong: true),
  ]

  private static func vfHost(count: Int, guests: [String] = ["a"]) -> HostState {
    var port = nic("06:00.0") {
      $0.sriov = SRIOV(
        total: 7, count: count, autoprobe: true, offset: 128, stride: 2, deviceID: PCIIDHalf(0x10ca))
    }
    port.interfaces[0].isUp = true
    var parts = count == 0 ? [] : port.virtualFunctions(count)
    for index in parts.indices {
      parts[index].iommuGroup = 500 + index
      parts[index].virtualFunction?.settings = .known(
        VFSettings(
          mac: mac("02:00:00:00:01:0\(index)"), vlan: VLAN(id: 7 + index, qos: 0), trust: true,
          spoofCheck: false,
          linkState: .auto, rate: VFSettings.Rate(min: 0, max: 100)))
    }
    return state([port] + parts, libvirt: guests.map { running($0) }, drivers: .known(["igb"]))
  }

  private func faulty(_ state: HostState, _ faults: [Simulation.Fault]) -> HostState {
    var state = state
    var simulation = state.simulation ?? Simulation()
    simulation.faults = faults
    state.simulation = simulation
    return state
  }

  private func expect(
    _ scene: Scene, _ direction: RecoveryDirection, _ state: HostState, _ folder: String, _ what: String,
    deaths: [Lifetime.Death] = [], at location: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let settled = try settle(direction, state, folder, deaths: deaths, jobs: scene.jobs)
    let wanted = direction == .back ? Standing(scene.start) : scene.end
    let now = Standing(settled.state)
    #expect(
      settled.problem == nil && now == wanted,
      "\(scene.name), \(what), \(direction): \(settled.problem ?? "")\n\(settled.trace)\(now.difference(from: wanted))",
      sourceLocation: location)
  }

  @Test("is tested with every kind of step, and with exchanges of names and of MAC addresses")
  func complete() {
    let all = Self.scenes.flatMap(\.plan.steps)
    #expect(["free-name/", "free-mac/"].allSatisfy { prefix in all.contains { $0.id.hasPrefix(prefix) } })
    let steps = all.map(\.action)
    var kinds: Set<String> = []
    for action in steps {
      switch action {
      case .load: kinds.insert("load")
      case .bind(let step): kinds.insert(Drivers.isPassthrough(step.to.driver) ? "bind" : "release")
      case .resize(let step): kinds.insert(step.from.count == 0 ? "resize" : "replace")
      case .configure: kinds.insert("configure")
      case .attach(let step):
        kinds.insert("attach \(step.placement.part) \(step.placement.guest.name.hasPrefix("/"))")
      case .detach(let step): kinds.insert("detach \(step.placement.part)")
      case .edit: kinds.insert("edit")
      }
    }
    #expect(
      kinds == [
        "load", "bind", "release", "resize", "replace", "configure", "attach persistent false",
        "attach live false",
        "attach live true", "detach persistent", "detach live", "edit",
      ])
  }

  @Test("is undone where a step is refused, busy or ignored", arguments: scenes)
  func refused(scene: Scene) throws {
    for step in scene.plan.steps {
      for effect in [Simulation.FaultEffect.refused, .busy, .ignored] {
        try withFolder { folder in
          let start = faulty(scene.start, [.init(step: step.id, effect: effect)])
          let done = try Lifetime(folder, jobs: scene.jobs).apply(scene.plan, on: start)
          guard done.end != .success else { return }
          #expect(done.end == .undone, "\(scene.name): \(effect) at \(step.id)")
          try expect(scene, .back, done.state, folder, "\(effect) at \(step.id)")
        }
      }
    }
  }

  @Test("is recovered where a step hangs, whether or not it takes effect later", arguments: scenes)
  func hung(scene: Scene) throws {
    for step in scene.plan.steps {
      for direction in [RecoveryDirection.back, .forward] {
        for tookEffect in [false, true] {
          try withFolder { folder in
            let start = faulty(scene.start, [.init(step: step.id, effect: .hang)])
            var done = try Lifetime(folder, jobs: scene.jobs).apply(scene.plan, on: start)
            guard done.end != .success else { return }
            #expect(done.end == .stuck)
            if tookEffect {
              // The step takes effect after pcipass has stopped to wait for it.
              let host = SimulatedHost(faulty(done.state, []))
              try host.perform(step.action, step: step.id)
              done.state = host.state
            }
            try expect(scene, direction, done.state, folder, "hang at \(step.id), took effect: \(tookEffect)")
          }
        }
      }
    }
  }

  @Test("is recovered when killed before, between or after the writes of a step", arguments: scenes)
  func killed(scene: Scene) throws {
    for step in scene.plan.steps {
      for writes in 0...8 {
        for direction in [RecoveryDirection.back, .forward] {
          try withFolder { folder in
            let start = faulty(scene.start, [.init(step: step.id, effect: .killed, writes: writes)])
            let done = try Lifetime(folder, jobs: scene.jobs).apply(scene.plan, on: start)
            // A step that is already done is not performed.
            guard case .open? = try JournalStore(folder).obstacle() else { return }
            try expect(scene, direction, done.state, folder, "killed after \(writes) writes of \(step.id)")
          }
        }
      }
    }
  }

  @Test(
    "is recovered when killed at a journal record, or when power fails within one",
    arguments: scenes)
  func journal(scene: Scene) throws {
    for number in 1...(2 * scene.plan.steps.count + 2) {
      for death in [Lifetime.Death.before(number), .after(number), .torn(number)] {
        for direction in [RecoveryDirection.back, .forward] {
          try withFolder { folder in
            let done = try Lifetime(folder, death: death, jobs: scene.jobs).apply(scene.plan, on: scene.start)
            guard done.end != .success || death != .before(number) else { return }
            if case .open? = try JournalStore(folder).obstacle() {} else { return }
            try expect(scene, direction, done.state, folder, "\(death)")
          }
        }
      }
    }
  }

  @Test("is undone where the disk is full at a journal record", arguments: scenes)
  func full(scene: Scene) throws {
    for number in 1...(2 * scene.plan.steps.count) {
      try withFolder { folder in
        let done = try Lifetime(folder, death: .full(number), jobs: scene.jobs).apply(
          scene.plan, on: scene.start)
        guard done.end != .success else { return }
        #expect(done.end == .undone && Standing(done.state) == Standing(scene.start), "full at \(number)")
        // The end could not be recorded either: the next run checks the host and has no steps.
        try expect(scene, .back, done.state, folder, "full at \(number)")
      }
    }
  }

  @Test("is recovered when earlier recoveries were killed at a journal record", arguments: scenes)
  func recoveryKilled(scene: Scene) throws {
    let middle = scene.plan.steps[scene.plan.steps.count / 2]
    for direction in [RecoveryDirection.back, .forward] {
      // The numbers of journal records continue from those of the first run.
      for number in 2...(4 * scene.plan.steps.count) {
        for death in [Lifetime.Death.before(number), .after(number), .torn(number)] {
          try withFolder { folder in
            let start = faulty(scene.start, [.init(step: middle.id, effect: .killed, writes: 1)])
            let done = try Lifetime(folder, jobs: scene.jobs).apply(scene.plan, on: start)
            try expect(
              scene, direction, done.state, folder, "killed at \(middle.id), then \(death)",
              deaths: [death, death])
          }
        }
      }
    }
  }

  @Test("is recovered when killed during the undo of a step", arguments: scenes)
  func undoKilled(scene: Scene) throws {
    guard let last = scene.plan.steps.last else { return }
    for step in scene.plan.steps.dropLast() {
      for writes in 0...3 {
        for direction in [RecoveryDirection.back, .forward] {
          try withFolder { folder in
            let start = faulty(
              scene.start,
              [
                .init(step: last.id, effect: .refused),
                .init(step: "undo/\(step.id)", effect: .killed, writes: writes),
              ])
            let done = try Lifetime(folder, jobs: scene.jobs).apply(scene.plan, on: start)
            guard case .open? = try JournalStore(folder).obstacle() else { return }
            try expect(
              scene, direction, done.state, folder, "undo of \(step.id) killed after \(writes) writes")
          }
        }
      }
    }
  }

  @Test("is recovered after the cause of a failed undo is fixed", arguments: scenes)
  func undoFailed(scene: Scene) throws {
    guard let last = scene.plan.steps.last else { return }
    for step in scene.plan.steps.dropLast() where step.action.inverse != nil {
      for direction in [RecoveryDirection.back, .forward] {
        try withFolder { folder in
          let start = faulty(
            scene.start,
            [.init(step: last.id, effect: .refused), .init(step: "undo/\(step.id)", effect: .busy)])
          let done = try Lifetime(folder, jobs: scene.jobs).apply(scene.plan, on: start)
          // A step that was already done is not undone.
          guard done.end == .partlyUndone else { return }
          try expect(scene, direction, done.state, folder, "undo of \(step.id) busy")
        }
      }
    }
  }
}
