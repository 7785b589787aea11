import Documents
import Execution
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

@Suite("Manifests imported from any host")
struct ImportTests {
  @Test("are valid and never refused, keep devices with their guests and report each omission")
  func properties() {
    var claimed = 0
    var empty = 0
    for seed in 0..<1500 {
      let start = RandomCase(seed: seed).start
      let result = Import(start, Import.Options(host: start.host))
      let wrong = FleetCheck.diagnostics(of: Fleet(hosts: [result.host], guests: result.guests)).map(
        \.message)
      #expect(wrong == [], "seed \(seed)")
      #expect(result.plan.refusals == [], "seed \(seed)")
      for step in result.plan.steps {
        if case .detach = step.action { #expect(step.reason == .adopted, "seed \(seed): \(step.id)") }
        if case .resize = step.action { Issue.record("seed \(seed): \(step.id)") }
      }
      let claims = Claims(Request(host: result.host, guests: result.guests), on: start)
      for (manager, guest) in start.allGuests {
        for device in (guest.persistent ?? []) + (guest.live ?? []) {
          if let claim = claims[device.address]?.guest {
            #expect(claim.manager == manager, "seed \(seed)")
            claimed += 1
            continue
          }
          let physical = start[device.address]?.virtualFunction?.physicalFunction
          let isReported = result.remarks.contains {
            [manager.name, "\(device.address)", physical.map { "\($0)" } ?? ""].contains($0.subject)
          }
          #expect(isReported, "seed \(seed): \(device.address) of \(guest.name) is left out without a word")
        }
      }
      empty += result.plan.isEmpty ? 1 : 0
    }
    #expect(claimed > 300)
    #expect(empty > 100)
  }

  @Test("can be applied, and a second plan is empty")
  func applied() {
    for seed in 0..<600 {
      let start = RandomCase(seed: seed).start
      let result = Import(start, Import.Options(host: start.host))
      let host = SimulatedHost(start)
      let outcome = Executor(host: host, journal: { _ in }).run(result.plan.steps)
      #expect(outcome.end == .success, "seed \(seed): \(outcome.failure.map { $0.failure.message } ?? "")")
      let second = Planner.plan(result.plan.request, on: host.state)
      #expect(second.ids == [] && second.refusals == [], "seed \(seed)")
    }
  }

  @Test("add available NICs only on request, and none that the host uses")
  func free() {
    for seed in 0..<200 {
      let start = RandomCase(seed: seed).start
      var options = Import.Options(host: start.host)
      let without = Import(start, options).host.spec.nics
      options.includesFree = true
      let with = Import(start, options)
      #expect(with.plan.refusals == [], "seed \(seed)")
      #expect(with.host.spec.nics.count >= without.count)
      for nic in with.host.spec.nics {
        guard let function = nic.select.value.address.flatMap({ start[$0] }) else { continue }
        let isUsed = function.interfaces.contains { $0.uses.value != [] }
        #expect(
          !isUsed || nic.virtualFunctions != nil || without.contains(nic), "seed \(seed): \(function.address)"
        )
      }
    }
  }
}
