import HostModel
import Planning
import TestSupport
import Testing

@Suite("An IOMMU group is one unit")
struct GroupTests {
  private let lan = "name: lan, select: {address: '0000:03:00.0'}"
  private let dmz = "name: dmz, select: {address: '0000:03:00.1'}"

  @Test("a NIC with a group member that stays on the host is refused, with all members listed")
  func staying() {
    let state = state([
      nic("03:00.0", group: 7), nic("03:00.1", group: 7),
      device("03:00.2", class: 0x010601, driver: "ahci", group: 7),
      nic("04:00.0", group: 8),
    ])
    let plan = plan(host(lan + ", reserve: true"), on: state)
    #expect(plan.codes == [.iommuGroup] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("0000:03:00.0") == true)
    #expect(
      plan.refusals.first?.details.names(
        ["0000:03:00.0", "[8086:10c9]", "eth30", "90:e2:ba:03:00:00", "igb"],
        ["0000:03:00.1", "[8086:10c9]", "eth31", "90:e2:ba:03:00:01", "igb"], ["0000:03:00.2", "[8086:1533]"])
        == true)
  }

  @Test(
    "ports of bridges and functions without a driver do not block a group",
    arguments: ["pcieport", nil])
  func bridges(driver: String?) {
    let state = state([
      nic("03:00.0", group: 7), device("00:07.0", class: 0x060400, driver: driver, group: 7),
    ])
    #expect(plan(host(lan + ", reserve: true"), on: state).ids == ["bind/0000:03:00.0"])
  }

  @Test("a whole group is assigned to one guest, after all members have left the host")
  func whole() {
    let state = state([nic("03:00.0", group: 7), nic("03:00.1", group: 7)], libvirt: [running("winxp")])
    let plan = plan(
      host(lan + "\n" + dmz), guest("winxp", "name: lan, from: lan\nname: dmz, from: dmz"), on: state)
    #expect(plan.codes == [])
    for id in ["attach/winxp/lan/live", "attach/winxp/dmz/live"] {
      #expect(plan.before(id).isSuperset(of: ["bind/0000:03:00.0", "bind/0000:03:00.1"]))
    }
  }

  @Test("a group with a claimed and a reserved member is assignable")
  func reservedSibling() {
    let state = state([nic("03:00.0", group: 7), nic("03:00.1", group: 7)], libvirt: [off("winxp")])
    #expect(
      plan(host(lan + "\n" + dmz + ", reserve: true"), guest("winxp", "name: lan, from: lan"), on: state)
        .codes == [])
  }

  @Test("a group that is divided between two guests is refused")
  func divided() {
    let state = state([nic("03:00.0", group: 7), nic("03:00.1", group: 7)], libvirt: [off("a"), off("b")])
    let plan = plan(
      host(lan + "\n" + dmz), guest("a", "name: lan, from: lan"), guest("b", "name: dmz, from: dmz"),
      on: state)
    #expect(plan.codes == [.iommuGroup, .iommuGroup] && plan.ids == [])
    #expect(zip(plan.refusals, ["a", "b"]).allSatisfy { $0.help.names($1) })
    #expect(plan.refusals.first?.details.count == 2)
  }

  @Test(
    "a member is not bound to a host driver while a guest has another member",
    arguments: [
      running("winxp", [marked("03:00.0", "lan")]), off("winxp", [marked("03:00.0", "lan")]),
    ])
  func released(guestState: GuestState) {
    let holders: Observed<[Holder]> = .known(guestState.live == nil ? [] : [qemu])
    let state = state(
      [
        nic("03:00.0", driver: "vfio-pci", group: 7, holders: holders),
        nic("03:00.1", driver: "vfio-pci", override: "vfio-pci", group: 7, holders: holders),
      ], libvirt: [guestState])
    let plan = plan(host(lan + "\n" + dmz), guest("winxp", "name: lan, from: lan"), on: state)
    #expect(!plan.codes.isEmpty && plan.ids == [])
  }

  @Test("a member that is the only NIC or target is refused while the other is unmarked")
  func releasedAlone() {
    let state = state(
      [
        nic("03:00.0", driver: "vfio-pci", group: 7),
        nic("03:00.1", driver: "vfio-pci", override: "vfio-pci", group: 7),
      ], libvirt: [off("winxp", [foreign("03:00.0")])])
    let alone = plan(host(dmz), on: state)
    #expect(alone.codes == [.iommuGroup] && alone.ids == [])
    #expect(alone.refusals.first?.message.names("0000:03:00.1") == true)
    #expect(plan(host(lan + "\n" + dmz), on: state, targets: [.nic("dmz")]).codes == [.iommuGroup])
  }

  @Test("an override is cleared on a member on a host driver, though a guest has another")
  func overrideOfMember() {
    let state = state(
      [nic("03:00.0", driver: "vfio-pci", group: 7), nic("03:00.1", override: "vfio-pci", group: 7)],
      libvirt: [off("winxp", [foreign("03:00.0")])])
    #expect(plan(host(dmz), on: state).codes == [])
  }

  @Test("two removed members are bound to the host only after every detach")
  func bothReleased() {
    let state = state(
      [
        nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", group: 7, holders: .known([qemu])),
        nic("03:00.1", driver: "vfio-pci", override: "vfio-pci", group: 7, holders: .known([qemu])),
      ], libvirt: [running("winxp", [marked("03:00.0", "lan")])])
    let plan = plan(host(lan + "\n" + dmz), guest("winxp"), on: state)
    #expect(plan.codes == [])
    #expect(plan.before("bind/0000:03:00.0").contains("detach/winxp/lan/live"))
    #expect(plan.before("bind/0000:03:00.1").contains("detach/winxp/lan/live"))
  }

  @Test("a group is in use while the guest keeps another member after the detach")
  func otherHolder() {
    let state = state(
      [
        nic("03:00.0", driver: "vfio-pci", group: 7, holders: .known([qemu])),
        nic("03:00.1", driver: "vfio-pci", override: "vfio-pci", group: 7, holders: .known([qemu])),
      ], libvirt: [running("winxp", [marked("03:00.0", "lan"), foreign("03:00.1")])])
    let plan = plan(host(lan + "\n" + dmz), guest("winxp"), on: state)
    #expect(!plan.codes.isEmpty)
    #expect(plan.step("bind/0000:03:00.0") == nil)
  }

  @Test("a member that is on vfio-pci already does not block the other")
  func alreadyOut() {
    let state = state(
      [nic("03:00.0", group: 7), nic("03:00.1", driver: "vfio-pci", group: 7)], libvirt: [off("winxp")])
    let plan = plan(
      host(lan + "\n" + dmz + ", reserve: true"), guest("winxp", "name: lan, from: lan"), on: state)
    #expect(plan.codes == [])
    #expect(plan.ids == ["bind/0000:03:00.0", "attach/winxp/lan/persistent"])
  }
}

/// Cases that random hosts and manifests have found.
@Suite("IOMMU groups across guests")
struct GroupCrossingTests {
  private let lan = "name: lan, select: {address: '0000:03:00.0'}"
  private let dmz = "name: dmz, select: {address: '0000:03:00.1'}"
  private let inA = state(
    [
      nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", group: 7, holders: .known([qemu])),
      nic("03:00.1", driver: "vfio-pci", override: "vfio-pci", group: 7, holders: .known([qemu])),
    ], libvirt: [running("a", [marked("03:00.0", "net0")]), running("b")])

  @Test("a claim is refused where a guest without a manifest has another group member")
  func dividedByAnother() {
    let plan = plan(host(dmz), guest("b", "name: net0, from: dmz"), on: inA)
    #expect(plan.codes == [.iommuGroup])
    #expect(plan.refusals.first?.message.names("group") == true)
  }

  @Test("a member is hot-plugged only after the other guest's member is unplugged")
  func closedFirst() {
    let plan = plan(
      host(lan + ", reserve: true\n" + dmz), guest("a"), guest("b", "name: net0, from: dmz"), on: inA)
    #expect(plan.codes == [])
    #expect(plan.before("attach/b/net0/live").contains("detach/a/net0/live"))
  }

  @Test("a detached member must be declared, as libvirt may rebind it to a host driver")
  func putBack() {
    let unnamed = plan(host(dmz), guest("a"), guest("b", "name: net0, from: dmz"), on: inA)
    #expect(unnamed.codes == [.iommuGroup])
    let kept = plan(host(lan + ", reserve: true"), guest("a"), on: inA)
    #expect(kept.ids == ["detach/a/net0/live", "detach/a/net0/persistent", "bind/0000:03:00.0"])
    #expect(kept.steps.last?.because.names("lan") == true)
  }

  @Test("a member without a driver goes to vfio-pci beside a guest, not beside a process")
  func besideOpenGroup() {
    var state = inA
    state.functions[1].driver = nil
    #expect(
      plan(host(lan + "\n" + dmz + ", reserve: true"), guest("a", "name: net0, from: lan"), on: state).codes
        == [])
    state.libvirt = .known([running("b")])
    #expect(plan(host(lan + ", reserve: true\n" + dmz + ", reserve: true"), on: state).codes == [.inUse])
  }
}
