import HostModel
import Planning
import TestSupport
import Testing

@Suite("The host-network guard")
struct HostNetworkTests {
  private let lan = "name: lan, select: {address: '0000:03:00.0'}, reserve: true"
  private let allowing =
    "name: lan, select: {address: '0000:03:00.0'}, reserve: true, allow: [host-network], because: spare port"

  @Test(
    "a NIC that the host uses is refused with the use, and passes where that is allowed",
    arguments: [
      HostUse(.sshSession, "192.0.2.9 port 51000 to 192.0.2.10 port 22"), HostUse(.defaultRoute, "IPv4"),
      HostUse(.address, "192.0.2.10/24"), HostUse(.bridge, "br0"), HostUse(.bond, "bond0"),
      HostUse(.team, "team0"), HostUse(.vlan, "eth30.5"), HostUse(.macvlan, "mv0"), HostUse(.upper, "ovs"),
    ])
  func used(use: HostUse) {
    let state = state([nic("03:00.0", uses: .known([use]))])
    let refused = plan(host(lan), on: state)
    #expect(refused.codes == [.hostNetwork] && refused.ids == [])
    #expect(refused.refusals.first?.message.names("0000:03:00.0") == true)
    #expect(refused.refusals.first?.details.names(["eth30", use.detail]) == true)
    let allowed = plan(host(allowing), on: state)
    #expect(allowed.codes == [] && allowed.ids == ["bind/0000:03:00.0"])
    #expect(allowed.steps.first?.disturbs == .hostNetwork)
    #expect(allowed.allowances.names(["host-network", use.detail, "spare port"]))
  }

  @Test("a use of any interface of a function counts, and all are listed")
  func severalInterfaces() {
    let function = nic("03:00.0") {
      $0.interfaces[0].uses = .known([HostUse(.vlan, "eth30.5")])
      $0.interfaces.append(NetworkInterface(name: "second", uses: .known([HostUse(.bridge, "br0")])))
    }
    #expect(
      plan(host(lan), on: state([function])).refusals.first?.details.names(
        ["eth30", "eth30.5"], ["second", "br0"]) == true)
  }

  @Test("the SSH session is listed first, whichever interface carries it")
  func session() {
    let function = nic("03:00.0") {
      $0.interfaces[0].uses = .known([HostUse(.defaultRoute, "IPv4")])
      let uses = [HostUse(.address, "192.0.2.10/24"), HostUse(.sshSession, "by it")]
      $0.interfaces.append(NetworkInterface(name: "second", uses: .known(uses)))
    }
    let refused = plan(host(lan), on: state([function])).refusals.first
    #expect(
      refused?.details.names(["second", "by it"], ["eth30", "IPv4"], ["second", "192.0.2.10/24"]) == true)
    #expect(
      plan(host(allowing), on: state([function])).allowances.names([
        "host-network", "by it", "IPv4", "192.0.2.10/24", "spare port",
      ]))
  }

  @Test(
    "an on-start claim is checked at apply, also where only an override is to be cleared",
    arguments: [nil, "igb"])
  func onStart(override: String?) {
    let manifests =
      host("name: lan, select: {address: '0000:03:00.0'}")
      + guest("vm", "name: net0, from: lan, bind: on-start")
    let used = nic("03:00.0", override: override, uses: .known([HostUse(.address, "192.0.2.10/24")]))
    #expect(plan(manifests, on: state([used], libvirt: [off("vm")])).codes == [.hostNetwork])
    let divided = nic("03:00.0", override: override) { $0.sriov = SRIOV(total: 7, count: 2) }
    #expect(plan(manifests, on: state([divided], libvirt: [off("vm")])).codes == [.virtualFunctions])
    #expect(
      plan(manifests, on: state([nic("03:00.0", override: override)], libvirt: [off("vm")])).codes == [])
  }

  @Test("a NIC whose use is unknown is refused, and passes where that is allowed")
  func unknown() {
    let state = state([nic("03:00.0", uses: .unavailable("no ip(8)"))])
    let refused = plan(host(lan), on: state)
    #expect(refused.codes == [.unavailable] && refused.ids == [])
    #expect(refused.refusals.first?.message.names("eth30", "ip(8)") == true)
    #expect(plan(host(allowing), on: state).ids == ["bind/0000:03:00.0"])
  }

  @Test("a NIC on a host driver without a visible interface is refused (network namespaces)")
  func elsewhere() {
    let state = state([nic("03:00.0") { $0.interfaces = [] }])
    let refused = plan(host(lan), on: state)
    #expect(refused.codes == [.hostNetwork])
    #expect(refused.refusals.first?.details.names(["igb"]) == true)
    #expect(plan(host(allowing), on: state).codes == [])
  }

  @Test("a NIC that stays with the host may be in use")
  func kept() {
    let state = state([nic("03:00.0", override: "vfio-pci", uses: .known([HostUse(.bridge, "br0")]))])
    let plan = plan(host("name: lan, select: {address: '0000:03:00.0'}"), on: state)
    #expect(plan.ids == ["bind/0000:03:00.0"] && plan.codes == [])
    #expect(plan.steps.first?.disturbs == .nothing)
  }
}

@Suite("The ownership guard")
struct ForeignOwnerTests {
  private let reserved = "name: lan, select: {address: '0000:03:00.0'}, reserve: true"
  private let allowing = ", allow: [ownership], because: DPDK is gone"

  @Test(
    "a driver of another tool is refused, and passes where that is allowed",
    arguments: ["uio_pci_generic", "igb_uio", "xen-pciback"])
  func driver(name: String) {
    let state = state([nic("03:00.0", driver: name)])
    for nics in [reserved, "name: lan, select: {address: '0000:03:00.0'}"] {
      let refused = plan(host(nics), on: state)
      #expect(refused.codes == [.ownership] && refused.ids == [])
      #expect(refused.refusals.first?.message.names("0000:03:00.0", name) == true)
      let allowed = plan(host(nics + allowing), on: state)
      #expect(allowed.ids == ["bind/0000:03:00.0"])
      #expect(allowed.allowances.names(["ownership", name, "DPDK is gone"]))
    }
  }

  @Test(
    "a driver_override of another tool is refused, whichever driver is bound",
    arguments: ["igb", "vfio-pci", nil])
  func override(driver: String?) {
    let state = state([nic("03:00.0", driver: driver, override: "uio_pci_generic")])
    for nics in [reserved, "name: lan, select: {address: '0000:03:00.0'}"] {
      let refused = plan(host(nics), on: state)
      #expect(refused.codes == [.ownership] && refused.ids == [])
      #expect(
        refused.refusals.first?.message.names("0000:03:00.0", "driver_override", "uio_pci_generic") == true)
      #expect(plan(host(nics + allowing), on: state).ids == ["bind/0000:03:00.0"])
    }
  }

  @Test("an override that names the native driver is not another tool's")
  func ownOverride() {
    let plan = plan(host(reserved), on: state([nic("03:00.0", override: "igb")]))
    #expect(plan.codes == [])
    #expect(plan.binding("03:00.0") == "igb → vfio-pci")
  }
}

@Suite("The in-use guard")
struct InUseTests {
  private let lan = "name: lan, select: {address: '0000:03:00.0'}"

  @Test("a NIC that a process has open is not unbound")
  func held() {
    let state = state([
      nic("03:00.0", driver: "vfio-pci", holders: .known([Holder(process: 77, command: "dpdk")]))
    ])
    let plan = plan(host(lan), on: state)
    #expect(plan.codes == [.inUse] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("0000:03:00.0", "vfio-pci") == true)
    #expect(plan.refusals.first?.details.names(["77", "dpdk"]) == true)
  }

  @Test("a NIC without a driver is in use while a process has it open (a pending unbind)")
  func heldWithoutDriver() {
    let state = state([nic("03:00.0", driver: nil, holders: .known([qemu]))])
    #expect(plan(host(lan), on: state).codes == [.inUse])
  }

  @Test("a NIC whose holders are unknown is refused, on vfio-pci and on a native driver")
  func unknown() {
    let holders = Observed<[Holder]>.unavailable("not root")
    let held = plan(host(lan), on: state([nic("03:00.0", driver: "vfio-pci", holders: holders)]))
    #expect(held.codes == [.unavailable] && held.ids == [])
    #expect(held.refusals.first?.message.names("0000:03:00.0") == true)
    // On a native driver a process may have the NIC's InfiniBand devices open.
    let own = plan(host(lan + ", reserve: true"), on: state([nic("03:00.0", holders: holders)]))
    #expect(own.codes == [.unavailable])
  }

  @Test("a NIC that DPDK has open by InfiniBand is in use, though on its native driver")
  func infiniBand() {
    let holder = Holder(process: 42, command: "ovs-vswitchd", device: "/dev/infiniband/uverbs0")
    let plan = plan(host(lan + ", reserve: true"), on: state([nic("03:00.0", holders: .known([holder]))]))
    #expect(plan.codes == [.inUse])
    #expect(plan.refusals.first?.details.names(["42", "/dev/infiniband/uverbs0"]) == true)
    #expect(plan.refusals.first?.help != nil)
  }

  @Test("a NIC without a driver is refused where its holders are unknown")
  func unknownWithoutDriver() {
    let state = state([nic("03:00.0", driver: nil, holders: .unavailable("an orphan of vfio7"))])
    #expect(plan(host(lan), on: state).codes == [.unavailable])
  }

  @Test("the guest's process does not block a NIC that the plan detaches from that guest")
  func detached() {
    let state = state(
      [nic("03:00.0", driver: "vfio-pci", holders: .known([qemu]))],
      libvirt: [running("winxp", [marked("03:00.0", "lan")])])
    let plan = plan(host(lan), guest("winxp"), on: state)
    #expect(plan.codes == [])
    #expect(plan.ids == ["detach/winxp/lan/live", "detach/winxp/lan/persistent", "bind/0000:03:00.0"])
  }

  @Test("a NIC that keeps its driver may be open in a process")
  func stays() {
    let state = state([nic("03:00.0", driver: "vfio-pci", holders: .known([qemu]))])
    #expect(plan(host(lan + ", reserve: true"), on: state).codes == [])
  }

  @Test("a PF that has VFs is not bound to a passthrough driver")
  func virtualFunctions() {
    let state = state([
      nic("03:00.0") { $0.sriov = SRIOV(total: 7, count: 2) },
      nic("03:10.0", driver: "igbvf") {
        $0.virtualFunction = VirtualFunction(physicalFunction: pci("03:00.0"), index: 0)
      },
    ])
    let plan = plan(host(lan + ", reserve: true"), on: state)
    #expect(plan.codes == [.virtualFunctions] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("0000:03:00.0", "2") == true)
    #expect(plan.refusals.first?.details.map { $0.prefix(12) } == ["0000:03:10.0"])
  }
}
