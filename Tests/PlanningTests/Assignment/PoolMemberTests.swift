import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("A pool")
struct PoolMemberTests {
  private let request = guest("router", "name: a, from: fast")

  @Test("has every NIC that matches, whatever uses it, and no VF")
  func members() {
    let resolved = ResolvedRequest(
      TestSupport.request(fastHost(2)), on: HostIndex(state(ports(2))))
    #expect(resolved.pools.map(\.name) == ["fast"])
    #expect(
      resolved.pools.first?.members.map(\.reference) == [
        "fast/0000:03:00.0/0", "fast/0000:03:00.0/1", "fast/0000:04:00.0/0", "fast/0000:04:00.0/1",
      ])
  }

  @Test("is refused on a host with another number of members, and changes nothing there")
  func otherCount() {
    let made = plan(fastHost(2, members: 3), request, on: state(ports(1), libvirt: [off("router")]))
    #expect(made.codes == [.select])
    #expect(made.ids == [])
  }

  @Test("leaves out what exclude selects")
  func excluded() {
    let host = fastHost(2, members: 1, ", exclude: [{address: '0000:03:00.0'}]")
    let made = plan(host, request, on: state(ports(2), libvirt: [off("router")]))
    #expect(made.members == ["router.a=04:10.0"])
  }

  @Test("is refused where a NIC of the Host is one of its members")
  func overlap() {
    let host = fastHost(2).replacing(
      "  pools:", with: "  nics: [{name: lan, select: {address: '0000:03:00.0'}}]\n  pools:")
    let made = plan(host, on: state(ports(2)))
    #expect(made.codes == [.select])
  }

  @Test("writes no number of VFs on a NIC that the host uses")
  func hostNetwork() {
    let used = pool(
      "03:00.0", change: { $0.interfaces[0].uses = .known([HostUse(.address, "192.0.2.1/24")]) })
    let made = plan(fastHost(2), on: state(used + pool("04:00.0")))
    #expect(made.codes == [.hostNetwork])
    #expect(made.step("resize/0000:03:00.0") == nil)
  }

  @Test("keeps its number of VFs on a port whose VF a running guest has, and one port is changed at a time")
  func countChange() {
    let found = state(ports(2), libvirt: [running("router", [marked("03:10.0", "a")])])
    let made = plan(fastHost(3), request, on: found)
    #expect(made.codes == [.inUse])
    let one = plan(fastHost(3), request, on: found, targets: [.nic("fast/0000:04:00.0")])
    #expect(one.codes == [])
    #expect(one.ids.contains("resize/0000:04:00.0"))
    #expect(!one.ids.contains("resize/0000:03:00.0"))
    #expect(plan(fastHost(3), request, on: found, targets: [.nic("fast/1")]).codes == [])
    #expect(plan(fastHost(3), request, on: found, targets: [.nic("fast/2")]).codes.contains(.select))
  }

  @Test("keeps claims where a card is replaced in its slot, and assigns new ones where it is on another bus")
  func replacedCard() {
    let device = marked("03:10.0", "a")
    let same = plan(fastHost(2), request, on: state(ports(2), libvirt: [off("router", [device])]))
    #expect(same.members == ["router.a=03:10.0"])
    let moved = port("05:00.0", 2) + port("06:00.0", 2)
    let made = plan(fastHost(2), request, on: state(moved, libvirt: [off("router", [device])]))
    #expect(made.codes == [])
    #expect(made.members == ["router.a=05:10.0"])
    #expect(made.step("detach/router/a/persistent") != nil)
    #expect(made.step("attach/router/a/persistent") != nil)
  }

  @Test("selects by the slot of a card over all its buses, by port")
  func slots() {
    func card(_ short: String, _ slots: [String], index: Int? = nil) -> [PCIFunction] {
      pool(
        short,
        change: {
          $0.slots = slots
          $0.firmwareIndex = index
        })
    }
    let functions = card("03:00.0", ["2"]) + card("04:00.0", ["2"]) + card("05:00.0", ["3"], index: 7)
    func made(_ select: String) -> Plan {
      plan(host("name: lan, select: {\(select)}, reserve: true"), on: state(functions))
    }
    #expect(made("slot: '2', port: 1").ids == ["bind/0000:04:00.0"])
    #expect(made("slot: '3'").ids == ["bind/0000:05:00.0"])
    #expect(made("slot: '7'").ids == ["bind/0000:05:00.0"])
    #expect(made("slot: '2'").codes == [.select])
    #expect(made("slot: '2', port: 2").codes == [.select])
  }

  @Test("is refused where the name of a slot stands for two cards")
  func ambiguousSlot() {
    let functions =
      pool("03:00.0", change: { $0.slots = ["1"] }) + pool("04:00.0", change: { $0.firmwareIndex = 1 })
    let made = plan(host("name: lan, select: {slot: '1', port: 0}"), on: state(functions))
    #expect(made.codes == [.select])
    #expect(made.refusals.first?.details.count == 2)
  }

  @Test(
    "selects by what a NIC is",
    arguments: [
      "id: '8086:10c9', numaNode: 1", "vendor: '8086', numaNode: 1", "device: 10c9, numaNode: 1",
      "subsystem: '8086:a04c'", "driver: igb, numaNode: 1", "interface: 'eth4*'", "interface: 'eth[4]0'",
      "path: 'pci0000:00/0000:00:08.0'",
    ])
  func selectors(select: String) {
    let functions =
      ports(2, node: [0, nil])
      + pool(
        "05:00.0", count: 0,
        change: {
          $0.numaNode = 1
          $0.subsystem = PCIID(vendor: 0x8086, device: 0xa04c)
        })
    var changed = functions
    for index in changed.indices where changed[index].address == pci("05:00.0") {
      changed[index].interfaces[0].name = "eth40"
      changed[index].path = "pci0000:00/0000:00:08.0/0000:05:00.0"
    }
    for index in changed.indices where changed[index].address == pci("04:00.0") {
      changed[index].interfaces[0].name = "eth9"
    }
    let made = plan(host("name: lan, select: {\(select)}, reserve: true"), on: state(changed))
    #expect(made.codes == [], "\(made.refusals.map(\.message))")
    #expect(made.ids == ["bind/0000:05:00.0"])
  }
}
