import Documents
import HostModel
import Hosts
import Planning
import Synchronization
import TestSupport
import Testing

@testable import Execution

/// A simulated host on which some of the first reads fail: udev renames the interface of a PF meanwhile.
private final class BlinkingHost: Host {
  private let host: SimulatedHost
  private let left: Mutex<Int>

  init(_ host: SimulatedHost, failing count: Int) {
    self.host = host
    left = Mutex(count)
  }

  func observe() throws(Diagnostics) -> HostState {
    var state = try host.observe()
    let isBlind = left.withLock { left in
      guard left > 0, state.functions.contains(where: { $0.virtualFunction != nil }) else { return false }
      left -= 1
      return true
    }
    guard isBlind else { return state }
    for index in state.functions.indices where state.functions[index].virtualFunction != nil {
      state.functions[index].virtualFunction?.settings = .unavailable("No such device")
    }
    return state
  }

  func observe(after actions: [Action], since before: HostState) throws(Diagnostics) -> HostState {
    try host.observe()
  }
  func observe(about action: Action, since before: HostState) throws(Diagnostics) -> HostState {
    try host.observe()
  }
  func setInterfaceUp(_ address: PCIAddress) throws(HostFailure) { try host.setInterfaceUp(address) }
  func start(_ domain: String) throws(HostFailure) { try host.start(domain) }
  func remember(_ state: HostState) throws(Diagnostics) {}
  func remember(_ change: AssignmentChange) throws(Diagnostics) {}
  func refreshed(_ action: Action) throws(HostFailure) -> Action { try host.refreshed(action) }
  func state(of action: Action) throws(HostFailure) -> StepState { try host.state(of: action) }
  func settle(_ action: Action, begun ago: Duration) {}
  func perform(_ action: Action, step: String) throws(HostFailure) { try host.perform(action, step: step) }
}

@Suite("A boot whose reads fail for a moment")
struct BlinkingHostTests {
  private let identity = FunctionIdentity(
    id: PCIID(vendor: 0x8086, device: 0x10c9), deviceClass: PCIClass(0x020000), port: 0)

  private func record() -> BootRecord {
    var vf = identity
    vf.virtualFunction = 0
    return BootRecord(entries: [
      BootEntry(
        address: pci("06:00.0"), identity: identity, nic: "pool",
        virtualFunctions: VFSet(count: 2, autoprobe: false), provenance: .init(run: 1)),
      BootEntry(
        address: pci("06:10.0"), identity: vf, physicalFunction: pci("06:00.0"), nic: "pool/0",
        guest: .init(name: "a", uuid: nil), binding: Binding(driver: "vfio-pci", override: "vfio-pci"),
        settings: VFSettings(vlan: VLAN(id: 120)), provenance: .init(run: 1)),
    ])
  }

  private func host() -> SimulatedHost {
    let port = nic("06:00.0") {
      $0.id = identity.id
      $0.sriov = SRIOV(
        total: 7, count: 0, autoprobe: true, offset: 128, stride: 2, deviceID: PCIIDHalf(0x10ca))
    }
    return SimulatedHost(state([port], drivers: .known(["igb"])))
  }

  @Test("reads again until its time is over, and reports all that it has done")
  func again() throws {
    let host = host()
    let results = BootRun(on: BlinkingHost(host, failing: 2)).run(record(), waiting: .seconds(20))
    #expect(results.compactMap(\.problem).isEmpty)
    #expect(results.first?.done.map(\.id) == ["resize/0000:06:00.0"])
    #expect(host.state[pci("06:10.0")]?.virtualFunction?.settings.value?.vlan == VLAN(id: 120))
    #expect(host.state[pci("06:10.0")]?.driver == "vfio-pci")
  }

  @Test("reports as unknown what cannot be read in its time")
  func unknown() throws {
    let results = BootRun(on: BlinkingHost(host(), failing: 1_000)).run(record(), waiting: .milliseconds(600))
    #expect(results.map(\.problem?.code) == [nil, .unknown])
  }
}
