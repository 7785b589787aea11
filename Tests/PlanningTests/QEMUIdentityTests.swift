import HostModel
import Manifests
import TestSupport
import Testing

@testable import Planning

@Suite("A way back is about the same QEMU")
struct QEMUIdentityTests {
  private let socket = "/run/web.sock"
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private let boot = "0d5b8a3e-6f0e-4d0a-9a51-1c1f0a2b3c4d"
  private let device = Hostdev(
    address: pci("03:00.0"), alias: "pcipass-net0", isManaged: false, bus: "port1", driver: "vfio-pci")

  private func web(_ nics: String = "name: net0, from: lan") -> String {
    guest("web", nics, "qemu: {qmp: \(socket)}")
  }

  private func process(_ number: Int, start: Int = 1075) -> ProcessIdentity {
    ProcessIdentity(number: number, start: start, boot: boot)
  }

  /// The host, and in it the QEMU with these devices.
  private func on(
    _ devices: [Hostdev] = [], uuid: String? = nil, process: ProcessIdentity? = nil
  ) -> HostState {
    var guest = runningQEMU(socket, devices)
    (guest.uuid, guest.process) = (uuid, process)
    let holders = devices.isEmpty ? [] : [qemu]
    return state(
      [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known(holders))], qemu: [guest])
  }

  private func back(_ plan: Plan, on state: HostState) -> Plan { Planner.rollback(of: plan, on: state) }

  @Test("steps record its UUID, or its process, also in a saved plan")
  func recorded() throws {
    let id = "6ad9ee0a-8a3c-4a0c-9d64-0123456789ab"
    let named = plan(lan, web(), on: on(uuid: id))
    #expect(named.step("attach/web/net0/live")?.guestIdentity == .uuid(id))
    let unnamed = plan(lan, web(), on: on(process: process(4711)))
    #expect(unnamed.step("attach/web/net0/live")?.guestIdentity == .process(process(4711)))
    #expect(try roundTrip(unnamed).steps == unnamed.steps)
    #expect(unnamed.facts.contains(Fact("guest web", "process", "4711/1075/\(boot)")))
  }

  @Test("what it lost is added to the same guest only, and a refusal names both")
  func adding() {
    let before = process(4711)
    let removal = plan(lan, web(""), on: on([device], process: before))
    #expect(removal.ids.first == "detach/web/net0/live")
    #expect(back(removal, on: on(process: before)).codes == [])
    // Restarted; or another one has its number since, or another boot.
    for now in [process(4812), process(4711, start: 1076)] {
      let refused = back(removal, on: on(process: now))
      #expect(refused.codes == [.changed])
      #expect(
        refused.refusals[0].details.names([
          "/run/web.sock", "\(GuestIdentity.process(now))", "\(GuestIdentity.process(before))",
        ]))
    }
    let named = back(removal, on: on(uuid: "6ad9ee0a-8a3c-4a0c-9d64-0123456789ab"))
    #expect(named.codes == [.changed])
    // A snapshot of an earlier version does not record it.
    #expect(back(removal, on: on()).codes == [])
    #expect(back(plan(lan, web(""), on: on([device])), on: on(process: before)).codes == [])
  }

  @Test("one that was restarted with its UUID is the same guest")
  func restarted() {
    let id = "6ad9ee0a-8a3c-4a0c-9d64-0123456789ab"
    let removal = plan(lan, web(""), on: on([device], uuid: id))
    #expect(back(removal, on: on(uuid: id)).codes == [])
    #expect(back(removal, on: on(uuid: "7" + id.dropFirst())).codes == [.changed])
  }

  @Test("what it got is removed by pcipass's mark, whatever process has the socket now")
  func removing() {
    let apply = plan(lan, web(), on: on(process: process(4711)))
    let now = back(apply, on: on([device], process: process(4812)))
    #expect(now.codes == [] && now.ids.first == "undo/attach/web/net0/live")
    // A restart without it leaves nothing to remove.
    #expect(!back(apply, on: on(process: process(4812))).ids.contains("undo/attach/web/net0/live"))
    var other = device
    other.alias = "nic0"
    #expect(!back(apply, on: on([other], process: process(4812))).ids.contains("undo/attach/web/net0/live"))
  }

  @Test("what has no mark of pcipass is removed from the same guest only")
  func unmarked() throws {
    var other = device
    other.alias = "nic0"
    var adding = plan(lan, web(), on: on(process: process(4711)))
    let index = try #require(adding.steps.firstIndex { $0.id == "attach/web/net0/live" })
    adding.steps[index].action = .attach(other, Placement(guest: .qemu(socket: socket), part: .live))
    #expect(back(adding, on: on([other], process: process(4711))).codes == [])
    #expect(back(adding, on: on([other], process: process(4812))).codes == [.changed])
  }

  @Test("a plan for another process is not the same plan; a new one is made without a word")
  func stale() {
    let before = plan(lan, web(), on: on(process: process(4711)))
    let now = plan(lan, web(), on: on(process: process(4812)))
    #expect(now.codes == [] && now.notices == [] && now.ids == before.ids)
    #expect(!zip(before.steps, now.steps).allSatisfy { $0.isSame(as: $1) })
    #expect(before.facts != now.facts)
    let since = Planner.plan(
      request(lan, web()), on: on(process: process(4812)), since: LastApply(before))
    #expect(since.notices == [])
  }
}
