import HostModel
import Planning
import TestSupport
import Testing

@Suite("Binding by new_id")
struct NewIDTests {
  private let reserved = "name: lan, select: {address: '0000:03:00.0'}, reserve: true"

  private func legacy(_ manifests: String..., on state: HostState) -> Plan {
    var request = request(manifests.joined())
    request.legacyNewID = true
    return Planner.plan(request, on: state)
  }

  @Test("a passthrough driver is bound without an override, and the step names new_id")
  func given() {
    let plan = legacy(host(reserved), on: state([nic("03:00.0")]))
    #expect(plan.binding("03:00.0") == "igb → vfio-pci (by new_id)" && plan.codes == [])
    guard case .bind(let step) = plan.steps.first?.action else {
      Issue.record("no bind")
      return
    }
    #expect(step.to == Binding(driver: "vfio-pci", override: nil, isByNewID: true))
  }

  @Test(
    "a NIC on the passthrough driver needs no step, with or without an override",
    arguments: ["vfio-pci", nil])
  func there(override: String?) {
    let there = state([nic("03:00.0", driver: "vfio-pci", override: override)])
    #expect(legacy(host(reserved), on: there).isEmpty)
  }

  @Test("the native driver is bound without new_id")
  func back() {
    let plan = legacy(
      host("name: lan, select: {address: '0000:03:00.0'}"),
      on: state([nic("03:00.0", driver: "vfio-pci")]))
    #expect(plan.binding("03:00.0") == "vfio-pci → igb")
  }

  @Test("a rollback binds the native driver without new_id")
  func inverse() {
    let plan = legacy(host(reserved), on: state([nic("03:00.0")]))
    let back = Planner.rollback(of: plan, on: state([nic("03:00.0", driver: "vfio-pci")]))
    #expect(back.codes == [])
    #expect(
      back.steps.map(\.action) == [
        .bind(
          pci("03:00.0"), from: Binding(driver: "vfio-pci", override: nil, isByNewID: true),
          to: Binding(driver: "igb", override: nil))
      ])
  }

  @Test("a saved plan records the use of new_id")
  func saved() throws {
    let plan = legacy(host(reserved), on: state([nic("03:00.0")]))
    let read = try roundTrip(plan)
    #expect(read.request.legacyNewID && read.steps == plan.steps)
  }
}
