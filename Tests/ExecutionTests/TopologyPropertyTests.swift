import Execution
import Foundation
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

@Suite("The topology of every host")
struct TopologyPropertyTests {
  private struct Pair: Hashable {
    let function: PCIAddress
    let guest: GuestManager
  }

  /// The devices of guests, from the lists of the state only.
  private func held(_ state: HostState) -> [Pair: Set<Placement.Part>] {
    var result: [Pair: Set<Placement.Part>] = [:]
    for (manager, guest) in state.allGuests {
      for part in Placement.Part.allCases {
        for hostdev in guest.hostdevs(part) ?? [] {
          result[Pair(function: hostdev.address, guest: manager), default: []].insert(part)
        }
      }
    }
    return result
  }

  private func holdings(
    _ topology: Topology, _ parts: (TopologyHolding) -> Set<Placement.Part>
  ) -> [Pair: Set<Placement.Part>]? {
    var result: [Pair: Set<Placement.Part>] = [:]
    for holding in topology.holdings {
      let pair = Pair(function: holding.function, guest: topology.guests[holding.guest].manager)
      guard result.updateValue(parts(holding), forKey: pair) == nil else { return nil }
    }
    return result.filter { !$0.value.isEmpty }
  }

  private func nics(_ state: HostState) -> Set<PCIAddress> {
    Set(state.functions.filter(\.deviceClass.isNetwork).map(\.address))
  }

  private func wrong(_ topology: Topology, _ state: HostState) -> String? {
    let all = topology.functions.map(\.address)
    guard Set(all).count == all.count else { return "a function stands there twice: \(all)" }
    guard nics(state).isSubset(of: all) else { return "a NIC is missing" }
    for (index, function) in topology.functions.enumerated() {
      guard let parent = function.parent else { continue }
      guard all[..<index].contains(parent) else { return "\(function.address) stands before its parent" }
    }
    guard let has = holdings(topology, \.before) else { return "a holding stands there twice" }
    guard has == held(state) else { return "not what guests have: \(has)" }
    return nil
  }

  @Test(
    "has each NIC and each holding once, and marks each step where it acts", arguments: 0..<200)
  func once(seed: Int) throws {
    let random = RandomCase(seed: seed)
    let plain = Topology(random.start)
    #expect(wrong(plain, random.start) == nil)
    #expect(!plain.hasChanges && plain.changes.functions.isEmpty)
    let plan = Planner.plan(random.request, on: random.start)
    let topology = Topology(random.start, plan: plan)
    #expect(wrong(topology, random.start) == nil)
    for step in plan.steps {
      let function = topology.functions.first { $0.address == step.action.function }
      if let change = step.action.changedDevice {
        let holding = topology.holdings.first {
          $0.function == change.hostdev.address
            && topology.guests[$0.guest].manager == change.placement.guest
        }
        #expect(holding?.change != nil && function != nil, "\(step.id)")
      } else if step.action.function != nil {
        #expect(function?.change != nil, "\(step.id)")
      }
    }
    for refusal in plan.refusals {
      #expect(
        topology.functions.contains { $0.refusals.contains(refusal.code.rawValue) }
          || topology.refusals.contains(refusal), "\(refusal.code)")
    }
    // The changes only.
    let changes = topology.changes
    #expect(
      Set(changes.functions.map(\.change)).union(changes.holdings.map(\.change)).isSuperset(
        of: Set(topology.functions.map(\.change)).union(topology.holdings.map(\.change)).subtracting([nil])))
    func count(_ topology: Topology) -> Int { topology.functions.filter { $0.role != .port }.count }
    #expect(changes.left == 0 && topology.touched.left == count(topology) - count(changes))
  }

  @Test("predicts the NICs and holdings after the plan is applied", arguments: 0..<200)
  func afterwards(seed: Int) throws {
    let random = RandomCase(seed: seed)
    let plan = Planner.plan(random.request, on: random.start)
    guard plan.refusals.isEmpty else { return }
    let host = SimulatedHost(random.start)
    guard Executor(host: host, journal: { _ in }).run(plan.steps).end == .success else { return }
    let topology = Topology(random.start, plan: plan)
    let parts: Set<TopologyFunction.Role> = [.nic, .virtualFunction]
    let staying = topology.functions.filter { parts.contains($0.role) && $0.change != .removed }
    #expect(Set(staying.map(\.address)) == nics(host.state))
    #expect(holdings(topology, \.after) == held(host.state))
  }
}
