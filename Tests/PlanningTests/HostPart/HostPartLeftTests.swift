import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("With --part host, a function that a guest may have")
struct HostPartLeftTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")

  @Test(
    "and no manifest claims stays as it is",
    arguments: [
      nic("03:00.0", driver: "vfio-pci", override: "vfio-pci"), nic("03:00.0", driver: "pci-stub"),
      nic("03:00.0", override: "vfio-pci"), nic("03:00.0", driver: nil, override: "vfio-pci"),
      nic("03:00.0", driver: nil), nic("03:00.0", override: "igb"),
    ])
  func unclaimed(function: PCIFunction) {
    let found = silent([function])
    #expect(plan(lan, on: found).ids == ["bind/0000:03:00.0"])
    let made = hostPlan(lan, on: found)
    #expect(made.ids == [] && made.codes == [])
    #expect(made.notices.map(\.code) == [.unknown])
    #expect(made.notices.map(\.nic) == ["lan"])
  }

  @Test("and the host may have stays on its native driver without a notice")
  func native() {
    let made = hostPlan(lan, on: silent([nic("03:00.0")]))
    #expect(made.ids == [] && made.notices == [])
  }

  @Test("as a VF without a claim is neither reset nor unbound, with one notice for all VFs of a port")
  func idleVFs() {
    let settings = VFSettings(mac: mac("52:54:00:00:00:01"), vlan: VLAN(id: 7), trust: true)
    let found = silent(
      pool(
        count: 3,
        eachVF: { function in
          onVFIO(&function)
          function.virtualFunction?.settings = .known(settings)
        }))
    let manifests = poolHost(3) + guest("db", "name: a, from: pool/1")
    #expect(
      plan(manifests, on: state(found.functions, libvirt: [off("db")])).ids.contains("bind/0000:03:10.0"))
    let made = hostPlan(manifests, on: found)
    #expect(made.ids == ["configure/0000:03:10.2"])
    let left = made.notices.filter { $0.code == .unknown }
    #expect(left.count == 1 && left[0].nic == "pool")
    #expect(left[0].message.hasPrefix("0000:03:10.0, 0000:03:10.4 are not changed: "))
  }

  @Test("is no reason to pass the deletion of VFs: it is refused", arguments: [0, 1, 4])
  func resize(count: Int) {
    let made = hostPlan(poolHost(count), on: silent(pool(count: 2)))
    #expect(made.codes == [.unavailable])
    #expect(made.ids == [])
    #expect(made.guards.contains { $0.which == .inUse && $0.verdict == .refused })
  }

  @Test("and a process has open refuses the deletion of VFs as in use")
  func resizeInUse() {
    let found = silent(
      pool(
        count: 2,
        eachVF: { function in
          onVFIO(&function)
          function.holders = .known([qemu])
        }))
    #expect(hostPlan(poolHost(4), on: found).codes == [.inUse])
  }

  @Test("is not taken from a passthrough driver to create its VFs")
  func portForGuests() {
    let made = hostPlan(poolHost(2), on: silent(pool(driver: "vfio-pci")))
    #expect(made.codes == [.virtualFunctions])
    #expect(made.ids == [])
    #expect(made.notices.contains { $0.code == .unknown })
  }

  @Test("keeps its MAC address, so no other VF gets that address")
  func sharedMAC() {
    let (first, second) = (mac("52:54:00:00:00:01"), mac("52:54:00:00:00:02"))
    func vfs(_ macs: [MACAddress?]) -> HostState {
      var functions = pool(count: macs.count, eachVF: { onVFIO(&$0) })
      for (index, mac) in macs.enumerated() {
        functions[index + 1].virtualFunction?.settings = .known(VFSettings(mac: mac))
      }
      return silent(functions)
    }
    let claim = guest("db", "name: a, from: pool/1, mac: '\(first)'")
    let made = hostPlan(poolHost(2), claim, on: vfs([first, nil]))
    #expect(made.ids == [] && made.codes == [])
    #expect(made.notices.map(\.code) == [.notLookedAt, .unknown, .unknown])
    // VF 1 keeps the address that VF 2 would get.
    let chain = guest("db", "name: a, from: pool/1, mac: '\(first)'\nname: b, from: pool/2, mac: '\(second)'")
    #expect(hostPlan(poolHost(3), chain, on: vfs([first, second, nil])).ids == [])
    // Claimed VFs exchange theirs.
    let exchange = guest(
      "db", "name: a, from: pool/0, mac: '\(second)'\nname: b, from: pool/1, mac: '\(first)'")
    let whole = plan(poolHost(2), exchange, on: state(vfs([first, second]).functions, libvirt: [off("db")]))
    #expect(hostPlan(poolHost(2), exchange, on: vfs([first, second])).ids == whole.hostIDs)
    #expect(whole.hostIDs.count == 3)
  }

  @Test("is judged again before each step: VFs that were created meanwhile are not deleted")
  func judged() throws {
    let made = hostPlan(poolHost(4), on: silent(pool()))
    var step = try #require(made.step("resize/0000:03:00.0"))
    let judge = StepJudge(made, .forward, since: silent(pool()))
    #expect(judge.refusal(of: step, on: silent(pool())) == nil)
    guard case .resize(let resize) = step.action else {
      Issue.record("not a resize")
      return
    }
    step.action = .resize(resize.address, from: VFSet(count: 2, autoprobe: true), to: resize.to)
    #expect(judge.refusal(of: step, on: silent(pool(count: 2)))?.code == .unavailable)
  }
}
