import Documents
import Execution
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

@Suite("Manifests imported from any hosts")
struct FleetImportPropertyTests {
  /// Hosts of a few models. Hosts of one model have the same cards and guests, and may differ in addresses,
  /// slots, MAC addresses and everything that can change on a host.
  private func fleet(seed: Int) -> [HostState] {
    var dice = Dice(seed: seed)
    let models = (0..<dice.number(1..<4)).map { _ in RandomCase(seed: dice.number(0..<100_000)) }
    return (0..<dice.number(2..<7)).map { number in
      var model = models[dice.number(0..<models.count)]
      var text = HostState.form.encode(model.start).text
      if dice.chance(30) {
        for bus in 3...6 { text.replace("0000:0\(bus):", with: "0000:4\(bus):") }
      }
      text.replace("90:e2:ba:", with: "90:e2:b\(number):")
      text.replace("02:00:00:00:00:", with: "02:00:00:00:0\(number):")
      var state = decoded(text)
      state.host = "kvm0\(number)"
      if dice.chance(80) {
        let slots = dice.chance(90) ? 0 : 1
        for index in state.functions.indices where state.functions[index].address.bus > 0 {
          state.functions[index].slots = ["\(Int(state.functions[index].address.bus & 15) + slots)"]
        }
      }
      if dice.chance(30) { _ = model.change(&state) }
      return state
    }
  }

  private func decoded(_ text: String) -> HostState {
    let source = Source(name: "s.json", text: text)
    guard let state = try? HostState.form.value(of: try JSONReader.document(of: source), from: source) else {
      fatalError("a snapshot that cannot be read")
    }
    return state
  }

  /// The documents as they are written, loaded again.
  private func loaded(_ result: FleetImport) -> Loader {
    let classes = result.classes.map { HostClassManifest.form.encode($0.manifest).text }
    let guests = (result.classes.flatMap(\.guests) + result.hosts.flatMap(\.guests)).map {
      GuestManifest.form.encode($0).text
    }
    let hosts = result.hosts.map { HostManifest.form.encode($0.manifest).text }
    return Loader.load(Source(name: "f.yaml", text: (classes + guests + hosts).joined(separator: "\n---\n")))
  }

  /// Whether the step changes nothing but the alias of a device in a definition that has no mark yet.
  private func onlyMarks(_ step: Step) -> Bool {
    guard case .edit(let edit) = step.action else { return false }
    var from = edit.from
    (from.alias, from.startAlias) = (edit.to.alias, edit.to.startAlias)
    return from == edit.to && Ownership.nic(ofAlias: edit.from.alias) == nil
      && Ownership.nic(ofAlias: edit.to.alias) != nil
  }

  @Test("are valid, and a plan of each host only marks devices")
  func onlyMarks() {
    var (classes, marks, additional, shared, moved) = (0, 0, 0, 0, 0)
    for seed in 0..<600 {
      let hosts = fleet(seed: seed)
      let result = FleetImport(hosts.map { HostIndex($0) })
      let loader = loaded(result)
      #expect(loader.diagnostics.map(\.message) == [], "seed \(seed)")
      for (state, imported) in zip(hosts, result.hosts) {
        guard let host = loader.fleet.hosts.first(where: { $0.name == state.host }) else {
          Issue.record("seed \(seed): \(state.host) has no document")
          continue
        }
        let request = Request(host: host, guests: loader.fleet.guests(of: host))
        let plan = Planner.plan(request, on: state)
        #expect(plan.refusals == [], "seed \(seed): \(state.host)")
        for step in plan.steps where !onlyMarks(step) {
          Issue.record("seed \(seed): \(state.host): \(step.id)")
        }
        #expect(plan.ids.sorted() == imported.result.plan.ids.sorted(), "seed \(seed): \(state.host)")
        marks += plan.steps.count
        additional += host.spec.hostClass == nil ? 0 : imported.manifest.spec.nics.count
        checkComplete(request, imported.result, state, seed)
      }
      classes += result.classes.count
      shared += result.classes.reduce(0) { $0 + $1.guests.count }
      moved += result.classes.count { $0.manifest.spec.nics.contains { $0.select.value.slot != nil } }
    }
    #expect(classes > 300 && marks > 300 && additional > 30 && shared > 100 && moved > 100)
  }

  /// Checks that what is imported with others is what is imported alone, and that each omission is reported.
  private func checkComplete(_ request: Request, _ result: Import, _ state: HostState, _ seed: Int) {
    var options = Import.Options(host: state.host)
    options.onlyMarks = true
    let alone = Import(state, options)
    let claims = Claims(request, on: state)
    let claimsAlone = Claims(Request(host: alone.host, guests: alone.guests), on: state)
    #expect(request.host.spec.nics.count == alone.host.spec.nics.count, "seed \(seed): \(state.host)")
    for (manager, guest) in state.allGuests {
      for device in (guest.persistent ?? []) + (guest.live ?? []) {
        let claim = claims[device.address]?.guest
        let other = claimsAlone[device.address]?.guest
        #expect(claim?.manager == other?.manager, "seed \(seed): \(device.address)")
        if let claim {
          #expect(claim.manager == manager, "seed \(seed)")
          continue
        }
        let physical = state[device.address]?.virtualFunction?.physicalFunction
        let isReported = result.remarks.contains {
          [manager.name, "\(device.address)", physical.map { "\($0)" } ?? "", state.host].contains($0.subject)
        }
        #expect(isReported, "seed \(seed): \(device.address) of \(guest.name) is left out without a word")
      }
    }
  }

  @Test("can be applied on each host, and a second plan is empty")
  func applied() {
    for seed in 0..<150 {
      let hosts = fleet(seed: seed)
      let loader = loaded(FleetImport(hosts.map { HostIndex($0) }))
      for state in hosts {
        guard let manifest = loader.fleet.hosts.first(where: { $0.name == state.host }) else { continue }
        let request = Request(host: manifest, guests: loader.fleet.guests(of: manifest))
        let host = SimulatedHost(state)
        let outcome = Executor(host: host, journal: { _ in }).run(Planner.plan(request, on: state).steps)
        #expect(outcome.end == .success, "seed \(seed): \(outcome.failure.map { $0.failure.message } ?? "")")
        let second = Planner.plan(request, on: host.state)
        #expect(second.ids == [] && second.refusals == [], "seed \(seed)")
      }
    }
  }
}
