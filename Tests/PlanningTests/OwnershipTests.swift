import HostModel
import Planning
import TestSupport
import Testing

@Suite("Whose a guest's device is")
struct OwnershipTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private let allowing = host(
    "name: lan, select: {address: '0000:03:00.0'}, allow: [ownership], because: agreed with the owner")
  private let winxp = guest("winxp", "name: net0, from: lan")
  private let onVFIO = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")

  @Test("a device that somebody else gave to the guest that claims it is marked, and stays as it was")
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

  @Test("what runs and cannot be marked is pcipass's when the definition of the guest says so")
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

  @Test("a transient guest has no definition to mark what somebody else gave it in: it is taken as it is")
  func adoptedTransient() {
    let transient = GuestState(name: "winxp", run: .running, persistent: nil, live: [foreign("03:00.0")])
    let plan = plan(lan, winxp, on: state([onVFIO], libvirt: [transient]))
    #expect(plan.isEmpty && plan.codes == [])
    #expect(plan.remarks.count == 1 && plan.remarks.first.names("adopted", "winxp"))
  }

  @Test("a device that somebody else gave to another guest is refused", arguments: [true, false])
  func elsewhere(isOn: Bool) {
    let other = isOn ? running("other", [foreign("03:00.0")]) : off("other", [foreign("03:00.0")])
    let state = state([onVFIO], libvirt: [off("winxp"), other])
    let plan = plan(lan, winxp, on: state)
    #expect(plan.codes == [.ownership] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("other") == true)
    #expect(plan.refusals.first?.details.names(["other", "0000:03:00.0", "hostdev0"]) == true)
  }

  @Test("it is taken from there where the NIC allows it")
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

  @Test("a NIC that nobody claims stays with a guest that somebody else gave it to, driver and all")
  func foreignUnclaimed() {
    let state = state([onVFIO], libvirt: [off("other", [foreign("03:00.0")])])
    let plan = plan(lan, on: state)
    #expect(plan.isEmpty && plan.codes == [])
    #expect(plan.remarks.names(["foreign", "other", "0000:03:00.0"]))
  }

  @Suite("A guest that is not among the manifests")
  struct NotAmong {
    private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
    private let held = state(
      [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")],
      libvirt: [off("winxp"), off("gone", [marked("03:00.0", "net0")])])

    @Test("what it has from pcipass is left alone and reported")
    func left() {
      let plan = plan(lan, on: held)
      #expect(plan.isEmpty && plan.codes == [])
      #expect(plan.remarks.names(["unmanaged", "gone", "0000:03:00.0"]))
    }

    @Test("it counts as claimed: a claim of it is refused")
    func claimed() {
      let plan = plan(lan, guest("winxp", "name: net0, from: lan"), on: held)
      #expect(plan.codes == [.ownership] && plan.ids == [])
      #expect(plan.refusals.first?.help.names("gone", "--prune") == true)
    }

    @Test("--prune takes it out, and the NIC is free")
    func pruned() {
      let released = plan(lan, on: held, prune: true)
      #expect(released.ids == ["detach/gone/net0/persistent", "bind/0000:03:00.0"])
      #expect(released.steps.first?.reason == .pruned)
      let moved = plan(lan, guest("winxp", "name: net0, from: lan"), on: held, prune: true)
      #expect(moved.ids == ["detach/gone/net0/persistent", "attach/winxp/net0/persistent"])
    }

    @Test("--prune takes out nothing that pcipass did not put there")
    func foreignStays() {
      let state = state(
        [nic("03:00.0", driver: "vfio-pci")], libvirt: [off("gone", [foreign("03:00.0")])])
      #expect(plan(lan, on: state, prune: true).isEmpty)
    }

    @Test("--prune takes out what is no NIC of the Host any more, and leaves its driver")
    func prunedWithoutNIC() {
      let plan = plan(host(""), on: held, prune: true)
      #expect(plan.ids == ["detach/gone/net0/persistent"])
    }
  }

  @Suite("A guest's manifest is the whole truth about its NICs")
  struct WholeTruth {
    private let lan = "name: lan, select: {address: '0000:03:00.0'}"
    private let dmz = "name: dmz, select: {address: '0000:04:00.0'}"

    @Test("a line taken out takes the device out, and the NIC goes back to the host")
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

    @Test("a reserved NIC leaves the guest and stays on the passthrough driver")
    func removedReserved() {
      let state = state(
        [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")],
        libvirt: [off("winxp", [marked("03:00.0", "net0")])])
      #expect(
        plan(host(lan + ", reserve: true"), guest("winxp"), on: state).ids == ["detach/winxp/net0/persistent"]
      )
    }

    @Test("a device that somebody else gave it is not taken out")
    func foreignStays() {
      let state = state([nic("03:00.0", driver: "vfio-pci")], libvirt: [off("winxp", [foreign("03:00.0")])])
      #expect(plan(host(lan), guest("winxp"), on: state).isEmpty)
    }

    @Test("a NIC that moves leaves the one guest before it enters the other")
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

    @Test("a NIC that is gone from the host is taken out of a definition that still names it")
    func gone() {
      let state = state([nic("04:00.0")], libvirt: [off("winxp", [marked("03:00.0", "net0")])])
      let plan = plan(host(dmz), guest("winxp"), on: state)
      #expect(plan.ids == ["detach/winxp/net0/persistent"] && plan.codes == [])
      #expect(plan.facts.contains(Fact("0000:03:00.0", "present", "no")))
    }

    @Test("a NIC that the Host names no more leaves the guest, and its driver stays as it is")
    func notNamed() {
      let state = state(
        [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")],
        libvirt: [off("winxp", [marked("03:00.0", "net0")])])
      #expect(plan(host(dmz), guest("winxp"), on: state).codes == [.select])
      #expect(plan(host(""), guest("winxp"), on: state).ids == ["detach/winxp/net0/persistent"])
    }
  }
}

@Suite("--prune says what it removes, and stops where that is most of a host")
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

  @Test("without any Guest document it is refused, unless their number is said")
  func none() {
    let state = held(by: "a")
    #expect(plan("", on: state).codes == [.prune])
    #expect(plan("", on: state, count: 1).codes == [])
    #expect(plan("", on: state, count: 1).ids.contains("detach/a/net0/persistent"))
    #expect(plan("", on: state, count: 2).codes == [.prune])
  }

  @Test("more than half of the guests: refused; half: not")
  func half() {
    #expect(plan(guest("c"), on: held(by: "a", "b", "c")).codes == [.prune])
    #expect(plan(guest("c"), on: held(by: "a", "b", "c"), count: 2).codes == [])
    #expect(plan(guest("b") + guest("c"), on: held(by: "a", "b")).codes == [])
  }

  @Test("each document that has gone since the last apply is named")
  func named() {
    let before = guest("web", "", "libvirt: {domain: a}") + guest("old") + guest("b") + guest("c")
    let plan = plan(guest("b") + guest("c"), on: held(by: "a", "b", "c"), since: before)
    #expect(plan.codes == [] && plan.notices.map(\.guest) == ["web", "old"])
    #expect(plan.notices.map(\.code) == [.unmanaged, .unmanaged])
  }

  @Test("a target is what was meant: nothing else is counted")
  func targeted() {
    let request = request(lan, targets: [.nic("lan")], prune: true)
    #expect(Planner.plan(request, on: held(by: "a")).codes == [])
  }
}
