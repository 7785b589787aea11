import HostModel
import Planning
import TestSupport
import Testing

@Suite("VFs in use are not deleted")
struct VirtualFunctionGuardTests {
  private func details(_ plan: Plan) -> [String] { plan.refusals.flatMap(\.details) }

  @Test("a running guest that has an unmarked VF is named")
  func runningGuest() {
    let state = state(
      pool(count: 2, eachVF: onVFIO), libvirt: [running("other", [], live: [foreign("03:10.2")])])
    let plan = plan(poolHost(3), on: state)
    #expect(plan.codes == [.inUse] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("0000:03:00.0", "2", "3") == true)
    #expect(details(plan).names(["other", "0000:03:10.2", "hostdev0"]))
    #expect(plan.refusals.first?.origin == "t.yaml:5:99")
  }

  @Test("a running guest that keeps its VF blocks the change, too")
  func claimedByRunning() {
    let winxp = guest("winxp", "name: net0, from: pool/0, mac: '52:54:00:00:00:01'")
    let state = state(
      pool(count: 2, eachVF: onVFIO), libvirt: [running("winxp", [marked("03:10.0", "net0")])])
    let plan = plan(poolHost(3), winxp, on: state)
    #expect(plan.codes == [.inUse] && plan.ids == [])
    #expect(details(plan).names(["winxp", "0000:03:10.0", "ua-pcipass-net0"]))
  }

  @Test("a process that has a VF open is named")
  func process() {
    let state = state(pool(count: 2, eachVF: onVFIO)).changing("03:10.2") { $0.holders = .known([qemu]) }
    let plan = plan(poolHost(3), on: state)
    #expect(plan.codes == [.inUse] && plan.ids == [])
    #expect(details(plan).names(["0000:03:10.2", "4711", "qemu-system-x86"]))
  }

  @Test("a VF whose holders are unknown blocks the change")
  func unknownHolders() {
    let state = state(pool(count: 2, eachVF: onVFIO)).changing("03:10.0") {
      $0.holders = .unavailable("not root")
    }
    let plan = plan(poolHost(3), on: state)
    #expect(plan.codes == [.inUse] && plan.ids == [])
    #expect(details(plan).names(["0000:03:10.0"]))
  }

  @Test("a VF in a definition stays, unless it is created again at the same address")
  func definition() {
    let libvirt = [off("other", [foreign("03:10.2")])]
    let refused = plan(poolHost(1), on: state(pool(count: 2), libvirt: libvirt))
    #expect(refused.codes == [.inUse] && refused.ids == [])
    #expect(details(refused).names(["other", "0000:03:10.2", "hostdev0"]))
    let grown = plan(poolHost(3), on: state(pool(count: 2), libvirt: libvirt))
    #expect(grown.codes == [] && grown.ids == ["resize/0000:03:00.0"])
  }

  @Test("VFs that the guest no longer claims are detached first")
  func detachedFirst() {
    let state = state(
      pool(count: 2) { _ in
      } eachVF: {
        onVFIO(&$0)
        $0.holders = .known([qemu])
      }, libvirt: [running("winxp", [marked("03:10.0", "a"), marked("03:10.2", "b")])])
    let plan = plan(poolHost(0), guest("winxp"), on: state)
    #expect(plan.codes == [])
    #expect(
      plan.before("resize/0000:03:00.0").isSuperset(of: [
        "detach/winxp/a/live", "detach/winxp/b/live",
      ]))
    #expect(Set(plan.ids).isSuperset(of: ["detach/winxp/a/persistent", "detach/winxp/b/persistent"]))
  }

  @Test("the VFs stay where one guest loses its VF and another guest does not")
  func oneOfTwo() {
    let state = state(
      pool(count: 2) { _ in
      } eachVF: {
        onVFIO(&$0)
        $0.holders = .known([qemu])
      },
      libvirt: [running("winxp", [marked("03:10.0", "a")]), running("other", [foreign("03:10.2")])])
    let plan = plan(poolHost(0), guest("winxp"), on: state)
    #expect(plan.codes.contains(.inUse) && plan.resize() == nil)
  }

  @Test("a VF that the host uses blocks the change")
  func host() {
    let interface = NetworkInterface(
      name: "eth9", uses: .known([HostUse(.address, "192.0.2.7/24")]))
    let state = state(pool(count: 2)).changing("03:10.2") {
      ($0.driver, $0.interfaces) = ("igbvf", [interface])
    }
    let refused = plan(poolHost(3), on: state)
    #expect(refused.codes == [.hostNetwork] && refused.ids == [])
    #expect(refused.refusals.first?.message.names("0000:03:10.2") == true)
    #expect(details(refused).names(["eth9", "192.0.2.7/24"]))
  }

  @Test("a VF that the host uses is deleted where that is allowed, with a report")
  func hostAllowed() {
    let interface = NetworkInterface(
      name: "eth9", uses: .known([HostUse(.address, "192.0.2.7/24")]))
    let state = state(pool(count: 2)).changing("03:10.2") {
      ($0.driver, $0.interfaces) = ("igbvf", [interface])
    }
    let plan = plan(poolHost(3, ", allow: [host-network], because: agreed"), on: state)
    #expect(plan.codes == [] && plan.ids == ["resize/0000:03:00.0"])
    #expect(plan.allowances.names(["host-network", "eth9", "192.0.2.7/24", "agreed"]))
    #expect(plan.steps.first?.disturbs == .hostNetwork)
  }

  @Test("a VF whose use by the host is unknown blocks the change")
  func hostUnknown() {
    let interface = NetworkInterface(name: "eth9", uses: .unavailable("not root"))
    let state = state(pool(count: 1)).changing("03:10.0") {
      ($0.driver, $0.interfaces) = ("igbvf", [interface])
    }
    #expect(plan(poolHost(2), on: state).codes == [.unavailable])
  }

  @Test("a VF with its interface in a container blocks the change, whether that is found or not")
  func elsewhere() {
    var moved = NetworkInterface(name: "eth0", namespace: "pod1")
    moved.uses = .known([HostUse(.namespace, "eth0", namespace: "pod1")])
    for (interfaces, values) in [([moved], ["eth0", "pod1"]), ([], ["igbvf"])] {
      let state = state(pool(count: 1)).changing("03:10.0") {
        ($0.driver, $0.interfaces) = ("igbvf", interfaces)
      }
      let plan = plan(poolHost(2), on: state)
      #expect(plan.codes == [.hostNetwork] && plan.refusals.first?.details.names(values) == true)
    }
  }

  @Test("VFs on vfio-pci are unbound first, one by one")
  func released() {
    let plan = plan(poolHost(3), on: state(pool(count: 2, eachVF: onVFIO)))
    #expect(
      plan.ids == ["release/0000:03:10.0", "release/0000:03:10.2", "resize/0000:03:00.0"])
    #expect(
      plan.step("release/0000:03:10.0")?.action
        == .bind(
          pci("03:10.0"), from: Binding(driver: "vfio-pci", override: "vfio-pci"),
          to: Binding(driver: nil, override: nil)))
    #expect(
      plan.step("resize/0000:03:00.0")?.after == ["release/0000:03:10.0", "release/0000:03:10.2"])
    #expect(plan.steps.first?.reason == .replaced)
  }

  @Test("VFs of another PF do not block the change")
  func otherPF() {
    let other = pool("04:00.0", count: 1, eachVF: onVFIO)
    let state = state(pool(count: 1) + other).changing("04:10.0") { $0.holders = .known([qemu]) }
    #expect(plan(poolHost(2), on: state).codes == [])
  }

  @Test("a VF that has an entry of its own in the Host blocks the change, too")
  func ownEntry() {
    let manifests =
      TestSupport.host(
        """
        name: pool, select: {address: '0000:03:00.0'}, virtualFunctions: {count: 0}
        name: one, select: {address: '0000:03:10.0'}
        """) + TestSupport.guest("winxp", "name: net0, from: one")
    let plan = plan(manifests, on: state(pool(count: 1), libvirt: [running("winxp")]))
    #expect(plan.codes == [.inUse] && plan.refusals.first?.details.names(["0000:03:10.0"]) == true)
  }
}
