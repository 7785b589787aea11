import Execution
import Foundation
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

@Suite("The status of every host, for every manifest")
struct StatusPropertyTests {
  @Test("is in sync exactly where the plan has no steps and no refusals, and names each step")
  func agrees() {
    var seen: [SyncState: Int] = [:]
    for seed in 0..<(1500 * soak) {
      var random = RandomCase(seed: seed)
      var start = random.start
      if random.dice.chance(50) { _ = random.change(&start) }
      var request = random.request
      request.prune = random.dice.chance(10)
      if random.dice.chance(50) {
        let plan = Planner.plan(request, on: start)
        let simulated = SimulatedHost(start)
        if plan.refusals.isEmpty { _ = Executor(host: simulated, journal: { _ in }).run(plan.steps) }
        start = simulated.state
      }
      let plan = Planner.plan(request, on: start)
      let status = HostStatus(plan, on: start)
      let isDeclared = plan.isEmpty && plan.refusals.isEmpty
      seen[status.state, default: 0] += 1
      guard (status.state == .inSync) == isDeclared else {
        Issue.record("seed \(seed): \(status.state), and the plan: \(plan.ids) \(plan.refusals)")
        return
      }
      #expect(status.nics.allSatisfy { $0.state == .inSync } || !isDeclared)
      #expect(status.guests.allSatisfy { $0.state == .inSync } || !isDeclared)
      let told = Set((status.nics.map(\.findings) + [status.rest]).flatMap(\.differences).flatMap(\.steps))
      let untold = plan.ids.filter { !told.contains($0) }
      guard untold == [], told.isSubset(of: plan.ids) else {
        Issue.record("seed \(seed): not told: \(untold)")
        return
      }
      let findings = status.nics.map(\.findings) + [status.rest]
      guard plan.refusals.allSatisfy({ refusal in findings.contains { $0.refusals.contains(refusal) } }),
        plan.notices.allSatisfy({ notice in findings.contains { $0.notices.contains(notice) } })
      else {
        Issue.record("seed \(seed): a refusal or notice is not told")
        return
      }
    }
    // The random cases cover all states.
    #expect(SyncState.allCases.allSatisfy { seen[$0, default: 0] > 10 }, "\(seen)")
  }

  @Test(
    "shows a claimed NIC as in sync only where its guest has it")
  func isThere() {
    for seed in 0..<(500 * soak) {
      let random = RandomCase(seed: seed)
      let request = random.request
      let status = HostStatus(Planner.plan(request, on: random.start), on: random.start)
      for nic in status.nics where nic.state == .inSync && nic.findings.notices.isEmpty {
        guard let claimant = request.guests.first(where: { $0.name == nic.guest }), let address = nic.function
        else { continue }
        let guest = random.start.allGuests.first { $0.manager == claimant.manager }?.state
        let lists = [guest?.persistent, guest?.live].compactMap { $0 }
        guard !lists.isEmpty, lists.allSatisfy({ list in list.contains { $0.address == address } }) else {
          Issue.record("seed \(seed): \(nic.subject) is said to be as declared")
          return
        }
      }
    }
  }
}
