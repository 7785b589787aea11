import Documents
import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("Reports of the guards")
struct GuardReportTests {
  private let lan = "name: lan, select: {address: '0000:03:00.0'}"

  private func reports(_ which: Guard, _ plan: Plan) -> [GuardReport] {
    plan.guards.filter { $0.which == which && $0.nic == "lan" }
  }

  @Test("a passed guard is reported with what it found", arguments: Guard.allCases)
  func passed(which: Guard) throws {
    let example = try guardCase(which)
    #expect(example.passed.codes == [] && !example.passed.isEmpty)
    #expect(reports(which, example.passed).contains { $0.found.joined(separator: " ").names(example.found) })
    #expect(example.passed.guards.allSatisfy { $0.verdict == .passed && $0.because == nil })
  }

  @Test("a refusal is reported with its guard, its NIC and its message", arguments: Guard.allCases)
  func refused(which: Guard) throws {
    let example = try guardCase(which)
    #expect(example.refused.codes == [example.code] && example.refused.isEmpty)
    let refused = example.refused.guards.filter { $0.verdict == .refused }
    #expect(refused.map(\.which) == [which])
    #expect(refused.map(\.found) == example.refused.refusals.map { [$0.message] })
    #expect(refused.map(\.nic) == ["lan"])
  }

  @Test("an allowed guard is reported with the reason, and only some guards can be allowed")
  func allowed() throws {
    for which in Guard.allCases {
      let example = try guardCase(which)
      #expect((example.allowed != nil) == (Allowance(rawValue: which.rawValue) != nil))
      guard let allowed = example.allowed else { continue }
      #expect(allowed.codes == [] && allowed.ids == ["bind/0000:03:00.0"])
      let report = reports(which, allowed).first { $0.verdict == .allowed }
      #expect(report?.because == "agreed")
      #expect(report?.found.isEmpty == false)
      #expect(allowed.allowances.count == 1)
    }
  }

  @Test("each allowance is the keyword of a guard", arguments: Allowance.allCases)
  func allowances(allowance: Allowance) { #expect(Guard(rawValue: allowance.rawValue) != nil) }

  @Test("after a refusal no further guard is checked or reported as passed")
  func notAsked() {
    let plan = plan(
      host(lan + ", reserve: true"),
      on: state([nic("03:00.0", driver: "igb_uio") { $0.iommuGroup = nil }]))
    #expect(plan.guards.map(\.which) == [.ownership])
  }

  @Test("a check of an unknown value is not reported as passed")
  func unknown() {
    let plan = plan(
      host(lan), guest("winxp", "name: net0, from: lan"),
      on: state([nic("03:00.0")], libvirt: [running("winxp")]))
    #expect(plan.codes == [] && reports(.freePort, plan) == [])
    let withoutLibvirt = TestSupport.plan(
      host(lan), guest("vm", "name: net0, from: lan", "qemu: {qmp: /run/a.sock}"),
      on: state([nic("03:00.0")], qemu: [runningQEMU("/run/a.sock")]) {
        $0.libvirt = .unavailable("no libvirt")
      })
    #expect(withoutLibvirt.codes == [])
    #expect(reports(.ownership, withoutLibvirt).count == 1)
  }

  @Test("a VF that the plan creates has no report on processes, drivers or interfaces")
  func coming() {
    let plan = plan(
      poolHost(1), guest("winxp", "name: net0, from: pool/0"),
      on: state(pool(), libvirt: [off("winxp")]))
    #expect(plan.codes == [])
    #expect(
      plan.guards.filter { $0.nic == "pool/0" }.map(\.which)
        == [.ownership, .guestExists, .deviceName, .iommu])
    #expect(
      plan.guards.filter { $0.nic == "pool" }.map { $0.found.joined(separator: " ") }.names(["7", "igb"]))
  }

  @Test("VFs that the plan deletes are reported with their PF")
  func going() {
    let plan = plan(poolHost(3), on: state(pool(count: 2, eachVF: onVFIO)))
    #expect(plan.codes == [])
    #expect(Set(plan.guards.map(\.nic)) == ["pool"])
    #expect(plan.guards.contains { $0.which == .inUse && $0.verdict == .passed })
    #expect(plan.guards.contains { $0.which == .hostNetwork && $0.verdict == .passed })
  }

  @Test("only NICs that change or are refused have reports")
  func onlyChanges() {
    let all = host(
      lan + ", reserve: true\nname: dmz, select: {address: '0000:04:00.0'}, reserve: true\n"
        + "name: old, select: {address: '0000:05:00.0'}, expect: {id: '8086:1521'}")
    let start = state([
      nic("03:00.0"), nic("04:00.0", driver: "vfio-pci", override: "vfio-pci"), nic("05:00.0"),
    ])
    #expect(Set(plan(all, on: start).guards.map(\.nic)) == ["lan", "old"])
    #expect(Set(plan(all, on: start, targets: [.nic("lan")]).guards.map(\.nic)) == ["lan"])
    #expect(plan(all, on: start, targets: [.nic("dmz")]).guards == [])
  }

  @Test("a guard of several VFs reports what it found on each")
  func severalParts() {
    let used = pool(count: 2) { _ in
    } eachVF: {
      let name = "eth\($0.address.device)\($0.address.function)"
      $0.driver = "igbvf"
      $0.interfaces = [NetworkInterface(name: name, uses: .known([HostUse(.bridge, "br0")]))]
    }
    let resized = plan(
      poolHost(3, ", allow: [host-network], because: agreed"), on: state(used))
    #expect(resized.allowances.names(["host-network", "eth160", "br0", "eth162", "agreed"]))
  }

  @Test("a group member that passed at first is refused when the other member is")
  func rolledBack() {
    let start = state(
      [
        nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", group: 7),
        nic("03:00.1", driver: "vfio-pci", override: "vfio-pci", group: 7) {
          $0.sriov = SRIOV(total: 7, count: 1)
        },
      ], libvirt: [off("winxp", [marked("03:00.1", "net0")])])
    let plan = plan(
      host(lan + "\nname: dmz, select: {address: '0000:03:00.1'}"), guest("winxp"), on: start)
    #expect(plan.codes == [.virtualFunctions, .iommuGroup])
    #expect(reports(.iommuGroup, plan).map(\.verdict) == [.refused])
  }

  @Test("a rollback is checked and reported like an apply")
  func rollback() throws {
    let winxp = guest("winxp", "name: net0, from: lan")
    let start = state([nic("03:00.0")], libvirt: [running("winxp")])
    let plan = plan(host(lan), winxp, on: start)
    let back = Planner.rollback(of: plan, on: try applied(plan, to: start))
    #expect(back.codes == [])
    #expect(
      back.guards.map(\.which) == [
        .changed, .unmanaged, .guestRunning, .ownership, .iommuGroup, .inUse, .virtualFunctions,
      ])
    #expect(back.guards.first { $0.which == .inUse }?.found.count == 1)
    #expect(try roundTrip(back) == back)

    let released = TestSupport.plan(
      host(lan + ", allow: [host-network], because: agreed"),
      on: state([nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")]))
    var now = try applied(released, to: state([nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")]))
    now.functions[0].interfaces[0].uses = .known([HostUse(.bridge, "br0")])
    #expect(
      Planner.rollback(of: released, on: now).allowances.names(["host-network", "eth30", "br0", "agreed"]))
  }

  @Test("a saved plan without reports, from an earlier version, is read")
  func older() throws {
    var plan = plan(host(lan + ", reserve: true"), on: state([nic("03:00.0")]))
    plan.guards = []
    plan.notices = [Notice(.allowed, nic: "lan", "eth30 has the bridge br0; allowed by host-network: agreed")]
    let text = Plan.form.encode(plan).text
    #expect(!text.contains("guards"))
    #expect(try roundTrip(plan) == plan)
  }
}
