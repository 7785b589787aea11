import HostModel
import Planning
import TestSupport
import Testing

@Suite("The ownership of guests' devices")
struct OwnershipTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private let allowing = host(
    "name: lan, select: {address: '0000:03:00.0'}, allow: [ownership], because: agreed with the owner")
  private let winxp = guest("winxp", "name: net0, from: lan")
  private let onVFIO = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")

  @Test("an unmarked device of the guest that claims it is marked, and stays as it was")
  func adopted() throws {
    var device = foreign("03:00.0")
    device.guestAddress = pci("00:05.0")
    device.element = "<hostdev><boot order='1'/></hostdev>"
    let plan = plan(lan, winxp, on: state([onVFIO], libvirt: [off("winxp", [device])]))
    #expect(plan.codes == [] && plan.remarks == [])
    #expect(plan.ids == ["edit/winxp/net0/persistent"])
    #expect(plan.steps.map(\.reason) == [.adopted])
    let marked = try #require(plan.steps.last?.hostdev)
    device.alias = "ua-pcipass-net0"
    #expect(marked == device)
  }

  @Test("an unmarked live device is pcipass's where the guest's definition has the mark")
  func adoptedLive() {
    var guest = running("winxp", [marked("03:00.0", "net0")])
    guest.live = [foreign("03:00.0")]
    let held = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))
    #expect(plan(lan, winxp, on: state([held], libvirt: [guest])).isEmpty)
    let none = plan(lan, TestSupport.guest("winxp", ""), on: state([held], libvirt: [guest]))
    #expect(
      none.ids == [
        "detach/winxp/0000:03:00.0/live", "detach/winxp/net0/persistent", "bind/0000:03:00.0",
      ])
  }

  @Test("an unmarked device of a transient guest is adopted as it is, with a notice")
  func adoptedTransient() {
    let transient = GuestState(name: "winxp", run: .running, persistent: nil, live: [foreign("03:00.0")])
    let plan = plan(lan, winxp, on: state([onVFIO], libvirt: [transient]))
    #expect(plan.isEmpty && plan.codes == [])
    #expect(plan.remarks.count == 1 && plan.remarks.first.names("adopted", "winxp"))
  }

  @Test("an unmarked device of another guest is refused", arguments: [true, false])
  func elsewhere(isOn: Bool) {
    let other = isOn ? running("other", [foreign("03:00.0")]) : off("other", [foreign("03:00.0")])
    let state = state([onVFIO], libvirt: [off("winxp"), other])
    let plan = plan(lan, winxp, on: state)
    #expect(plan.codes == [.ownership] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("other") == true)
    #expect(plan.refusals.first?.details.names(["other", "0000:03:00.0", "hostdev0"]) == true)
  }

  @Test("an unmarked device of another guest is moved where the NIC allows it")
  func allowed() {
    let state = state([onVFIO], libvirt: [off("winxp"), running("other", [foreign("03:00.0")])])
    let plan = plan(allowing, winxp, on: state)
    #expect(plan.codes == [])
    #expect(
      plan.ids == [
        "detach/other/0000:03:00.0/live", "detach/other/0000:03:00.0/persistent", "bind/0000:03:00.0",
        "attach/winxp/net0/persistent",
      ])
    #expect(plan.steps.first?.reason == .moved)
    #expect(plan.allowances.count == 1)
    #expect(plan.allowances.first.names("ownership", "other", "0000:03:00.0", "hostdev0"))
  }

  @Test("an unclaimed NIC that is unmarked in a guest stays there, and keeps its driver")
  func foreignUnclaimed() {
    let state = state([onVFIO], libvirt: [off("other", [foreign("03:00.0")])])
    let plan = plan(lan, on: state)
    #expect(plan.isEmpty && plan.codes == [])
    #expect(plan.remarks.names(["foreign", "other", "0000:03:00.0"]))
  }

  @Suite("A guest without a manifest")
  struct NotAmong {
    private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
    private let held = state(
      [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")],
      libvirt: [off("winxp"), off("gone", [marked("03:00.0", "net0")])])

    @Test("keeps its marked devices, which are reported")
    func left() {
      let plan = plan(lan, on: held)
      #expect(plan.isEmpty && plan.codes == [])
      #expect(plan.remarks.names(["unmanaged", "gone", "0000:03:00.0"]))
    }

    @Test("keeps its NIC: another guest's claim is refused")
    func claimed() {
      let plan = plan(lan, guest("winxp", "name: net0, from: lan"), on: held)
      #expect(plan.codes == [.ownership] && plan.ids == [])
      #expect(plan.refusals.first?.help.names("gone", "--prune") == true)
    }

    @Test("loses its marked devices with --prune, and the NIC is available")
    func pruned() {
      let released = plan(lan, on: held, prune: true)
      #expect(released.ids == ["detach/gone/net0/persistent", "bind/0000:03:00.0"])
      #expect(released.steps.first?.reason == .pruned)
      let moved = plan(lan, guest("winxp", "name: net0, from: lan"), on: held, prune: true)
      #expect(moved.ids == ["detach/gone/net0/persistent", "attach/winxp/net0/persistent"])
    }

    @Test("keeps its unmarked devices with --prune")
    func foreignStays() {
      let state = state(
        [nic("03:00.0", driver: "vfio-pci")], libvirt: [off("gone", [foreign("03:00.0")])])
      #expect(plan(lan, on: state, prune: true).isEmpty)
    }

    @Test("loses with --prune also a marked device that no Host names, whose driver stays")
    func prunedWithoutNIC() {
      let plan = plan(host(""), on: held, prune: true)
      #expect(plan.ids == ["detach/gone/net0/persistent"])
    }
  }

  @Suite("A guest's manifest lists all of its NICs")
  struct WholeTruth {
    private let lan = "name: lan, select: {address: '0000:03:00.0'}"
    private let dmz = "name: dmz, select: {address: '0000:04:00.0'}"

    @Test("a removed claim removes the device, and the NIC returns to its native driver")
    func removed() {
      let state = state(
        [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))],
        libvirt: [running("winxp", [marked("03:00.0", "net0")])])
      let plan = plan(host(lan), guest("winxp"), on: state)
      #expect(
        plan.ids == ["detach/winxp/net0/live", "detach/winxp/net0/persistent", "bind/0000:03:00.0"])
      #expect(plan.steps.map(\.reason) == [.removed, .removed, .unclaimed])
      #expect(plan.steps[1].after == ["detach/winxp/net0/live"])
      #expect(plan.steps[2].after == ["detach/winxp/net0/persistent"])
    }

    @Test("a reserved NIC is removed from the guest and stays on the passthrough driver")
    func removedReserved() {
      let state = state(
        [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")],
        libvirt: [off("winxp", [marked("03:00.0", "net0")])])
      #expect(
        plan(host(lan + ", reserve: true"), guest("winxp"), on: state).ids == ["detach/winxp/net0/persistent"]
      )
    }

    @Test("an unmarked device is not removed")
    func foreignStays() {
      let state = state([nic("03:00.0", driver: "vfio-pci")], libvirt: [off("winxp", [foreign("03:00.0")])])
      #expect(plan(host(lan), guest("winxp"), on: state).isEmpty)
    }

    @Test("a NIC that moves is detached from one guest before it is attached to the other")
    func moved() {
      let state = state(
        [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))],
        libvirt: [running("a", [marked("03:00.0", "net0")]), running("b")])
      let plan = plan(host(lan), guest("a"), guest("b", "name: net0, from: lan"), on: state)
      #expect(plan.codes == [])
      #expect(plan.steps.first?.reason == .moved)
      let order = [
        "detach/a/net0/live", "detach/a/net0/persistent", "attach/b/net0/persistent", "attach/b/net0/live",
      ]
      #expect(plan.ids.filter { !$0.hasPrefix("bind/") } == order)
      #expect(plan.before("attach/b/net0/live").isSuperset(of: order.dropLast()))
    }

    @Test("two guests swap their NICs")
    func swapped() {
      let state = state(
        [
          nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu])),
          nic("04:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu])),
        ],
        libvirt: [running("a", [marked("03:00.0", "net0")]), running("b", [marked("04:00.0", "net0")])])
      let plan = plan(
        host(lan + "\n" + dmz), guest("a", "name: net0, from: dmz"), guest("b", "name: net0, from: lan"),
        on: state)
      #expect(plan.codes == [])
      #expect(plan.ids.filter { !$0.hasPrefix("bind/") }.count == 8)
      for part in ["persistent", "live"] {
        #expect(
          plan.before("attach/a/net0/\(part)").isSuperset(of: [
            "detach/b/net0/\(part)", "detach/a/net0/\(part)",
          ]))
        #expect(
          plan.before("attach/b/net0/\(part)").isSuperset(of: [
            "detach/a/net0/\(part)", "detach/b/net0/\(part)",
          ]))
      }
    }

    @Test("a NIC that is missing from the host is removed from a definition that names it")
    func gone() {
      let state = state([nic("04:00.0")], libvirt: [off("winxp", [marked("03:00.0", "net0")])])
      let plan = plan(host(dmz), guest("winxp"), on: state)
      #expect(plan.ids == ["detach/winxp/net0/persistent"] && plan.codes == [])
      #expect(plan.facts.contains(Fact("0000:03:00.0", "present", "no")))
    }

    @Test("a NIC that the Host no longer names is removed from the guest, and its driver stays")
    func notNamed() {
      let state = state(
        [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")],
        libvirt: [off("winxp", [marked("03:00.0", "net0")])])
      #expect(plan(host(dmz), guest("winxp"), on: state).codes == [.select])
      #expect(plan(host(""), guest("winxp"), on: state).ids == ["detach/winxp/net0/persistent"])
    }
  }
}

@Suite("The limit of --prune")
struct PruneTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")

  private func held(by names: String...) -> HostState {
    let functions = names.indices.map {
      nic("0\($0 + 3):00.0", driver: "vfio-pci", override: "vfio-pci")
    }
    return state(
      functions, libvirt: names.enumerated().map { off($1, [marked("0\($0 + 3):00.0", "net0")]) })
  }

  private func plan(_ guests: String, on state: HostState, count: Int? = nil, since: String = "") -> Plan {
    var request = request(lan, guests, prune: true)
    request.pruneCount = count
    let before = since.isEmpty ? [] : TestSupport.request(lan, since).guests
    return Planner.plan(request, on: state, since: LastApply(guests: before))
  }

  @Test("without a Guest document, --prune needs the exact number of guests")
  func none() {
    let state = held(by: "a")
    #expect(plan("", on: state).codes == [.prune])
    #expect(plan("", on: state, count: 1).codes == [])
    #expect(plan("", on: state, count: 1).ids.contains("detach/a/net0/persistent"))
    #expect(plan("", on: state, count: 2).codes == [.prune])
  }

  @Test("--prune of more than half of the guests needs that number, of half it does not")
  func half() {
    #expect(plan(guest("c"), on: held(by: "a", "b", "c")).codes == [.prune])
    #expect(plan(guest("c"), on: held(by: "a", "b", "c"), count: 2).codes == [])
    #expect(plan(guest("b") + guest("c"), on: held(by: "a", "b")).codes == [])
  }

  @Test("each Guest document that was removed since the last apply is named")
  func named() {
    let before = guest("web", "", "libvirt: {domain: a}") + guest("old") + guest("b") + guest("c")
    let plan = plan(guest("b") + guest("c"), on: held(by: "a", "b", "c"), since: before)
    #expect(plan.codes == [] && plan.notices.map(\.guest) == ["web", "old"])
    #expect(plan.notices.map(\.code) == [.unmanaged, .unmanaged])
  }

  @Test("the limit does not apply to a plan with a target")
  func targeted() {
    let request = request(lan, targets: [.nic("lan")], prune: true)
    #expect(Planner.plan(request, on: held(by: "a")).codes == [])
  }
}
