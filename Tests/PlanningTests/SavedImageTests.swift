import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

@Suite("Guests with a saved image or snapshots")
struct SavedImageTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private let vm = guest("vm", "name: net0, from: lan")
  private let none = guest("vm")
  private let onVFIO = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")

  /// Returns a host with a guest that has the NIC in its definition, and a saved image.
  private func on(
    _ image: Observed<[Hostdev]>?, defined: [Hostdev] = [marked("03:00.0", "net0")],
    change: (inout GuestState) -> Void = { _ in }
  ) -> HostState {
    var guest = off("vm", defined)
    guest.saved = image.map { SavedImage(devices: $0) }
    change(&guest)
    return state([onVFIO], libvirt: [guest])
  }

  private func differences(_ plan: Plan, on state: HostState) -> [Difference] {
    HostStatus(plan, on: state).nics.flatMap(\.findings.differences).filter { $0.category == .savedImage }
  }

  @Test("an image without a claimed NIC is drift without a step, and a notice names the command")
  func lacking() throws {
    let state = on(.known([]))
    let plan = plan(lan, vm, on: state)
    #expect(plan.steps == [] && plan.refusals == [] && plan.hasDrift)
    let notice = try #require(plan.notices.first { $0.code == .savedImage })
    #expect(notice.nic == "lan" && notice.guest == "vm")
    #expect(notice.message.contains("virsh managedsave-remove vm"))
    let status = HostStatus(plan, on: state)
    #expect(status.state == .drifted && status.guests.map(\.state) == [.drifted])
    let difference = try #require(differences(plan, on: state).first)
    #expect(
      difference.observed != difference.desired && difference.desired.names("net0") && difference.steps == [])
    #expect(difference.because.contains("virsh managedsave-remove vm"))
  }

  @Test("an image with the NIC as declared is in sync")
  func having() {
    let state = on(.known([marked("03:00.0", "net0")]))
    let plan = plan(lan, vm, on: state)
    #expect(plan.steps == [] && !plan.hasDrift && plan.notices == [])
    #expect(HostStatus(plan, on: state).state == .inSync)
  }

  @Test("an image with an unmarked or an unclaimed NIC, or one that cannot be read, is drift")
  func others() {
    let unmarked = on(.known([foreign("03:00.0")]))
    #expect(differences(plan(lan, vm, on: unmarked), on: unmarked).count == 1)
    let left = on(.known([marked("03:00.0", "net0")]), defined: [])
    #expect(differences(plan(lan, none, on: left), on: left).count == 1)
    #expect(plan(lan, none, on: left).hasDrift)
    let unread = on(.unavailable("no such function"))
    #expect(
      differences(plan(lan, vm, on: unread), on: unread).first?.observed.names("no such function") == true)
  }

  @Test("a device in the image that no Host names is found by its mark")
  func unnamed() {
    var state = on(.known([marked("02:00.0", "wan")]), defined: [])
    state.functions.append(nic("02:00.0"))
    let plan = plan(lan, none, on: state)
    #expect(differences(plan, on: state).count == 1)
    // A device without the mark belongs to another tool.
    let foreign = on(.known([foreign("02:00.0")]), defined: [])
    #expect(!TestSupport.plan(lan, none, on: foreign).hasDrift)
  }

  @Test("the image of a running guest, or of a guest without a manifest, is ignored")
  func notAsked() {
    var running = running("vm", [marked("03:00.0", "net0")])
    running.saved = SavedImage(devices: .known([]))
    let runs = state([onVFIO], libvirt: [running])
    #expect(!plan(lan, vm, on: runs).hasDrift)
    var web = off("web")
    web.saved = SavedImage(devices: .known([marked("03:00.0", "net0")]))
    let state = state([onVFIO], libvirt: [off("vm", [marked("03:00.0", "net0")]), web])
    let plan = plan(lan, vm, on: state)
    #expect(!plan.hasDrift && plan.notices.map(\.code) == [.foreign] && plan.notices.map(\.guest) == ["web"])
  }

  @Test("each changed guest among the targets has a notice")
  func targets() {
    var guests = [off("vm"), off("web")]
    for index in guests.indices { guests[index].saved = SavedImage(devices: .known([])) }
    let state = state([onVFIO, nic("02:00.0")], libvirt: guests)
    let hosts = host(
      "name: lan, select: {address: '0000:03:00.0'}\nname: wan, select: {address: '0000:02:00.0'}")
    let web = guest("web", "name: net0, from: wan")
    let all = plan(hosts, vm, web, on: state)
    #expect(all.notices.filter { $0.code == .savedImage }.map(\.guest) == ["vm", "web"])
    let one = plan(hosts, vm, web, on: state, targets: [.guest("web")])
    #expect(one.notices.filter { $0.code == .savedImage }.map(\.guest) == ["web"])
  }

  @Test("a rollback that changes the definition has the notice, too")
  func rollback() throws {
    let before = on(nil, defined: [])
    let there = plan(lan, vm, on: before)
    let host = SimulatedHost(before)
    for step in there.steps { try host.perform(step.action, step: step.id) }
    var now = host.state
    #expect(!Planner.rollback(of: there, on: now).notices.contains { $0.code == .savedImage })
    guard case .known(var guests) = now.libvirt else { return }
    guests[0].saved = SavedImage(devices: .known([]))
    now.libvirt = .known(guests)
    #expect(Planner.rollback(of: there, on: now).notices.contains { $0.code == .savedImage })
  }

  @Test("a saved file and snapshots have a notice each, only where the definition changes")
  func restores() {
    func codes(_ manifest: String, defined: [Hostdev] = []) -> [Notice.Code] {
      plan(
        lan, manifest,
        on: on(nil, defined: defined) {
          $0.isSavedToFile = true
          $0.snapshots = 2
        }
      ).notices.map(\.code)
    }
    #expect(codes(vm) == [.savedToFile, .snapshots])
    #expect(codes(none, defined: [marked("03:00.0", "net0")]) == [.savedToFile, .snapshots])
    #expect(codes(vm, defined: [marked("03:00.0", "net0")]) == [])
  }

  @Test("a saved plan is stale where the guest was saved since")
  func stale() {
    let (before, now) = (plan(lan, vm, on: on(nil)), plan(lan, vm, on: on(.known([]))))
    #expect(Fact.changes(from: before.facts, to: now.facts).count == 1)
  }
}
