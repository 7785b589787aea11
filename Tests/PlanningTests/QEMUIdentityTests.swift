import HostModel
import Manifests
import TestSupport
import Testing

@testable import Planning

@Suite("The identity of a QEMU in a rollback")
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

  /// Returns a host with the QEMU, which has these devices.
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

  @Test("steps record the QEMU's UUID or process, also in a saved plan")
  func recorded() throws {
    let id = "6ad9ee0a-8a3c-4a0c-9d64-0123456789ab"
    let named = plan(lan, web(), on: on(uuid: id))
    #expect(named.step("attach/web/net0/live")?.guestIdentity == .uuid(id))
    let unnamed = plan(lan, web(), on: on(process: process(4711)))
    #expect(unnamed.step("attach/web/net0/live")?.guestIdentity == .process(process(4711)))
    #expect(try roundTrip(unnamed).steps == unnamed.steps)
    #expect(unnamed.facts.contains(Fact("guest web", "process", "4711/1075/\(boot)")))
  }

  @Test("a device is added to the same guest only, and a refusal names both identities")
  func adding() {
    let before = process(4711)
    let removal = plan(lan, web(""), on: on([device], process: before))
    #expect(removal.ids.first == "detach/web/net0/live")
    #expect(back(removal, on: on(process: before)).codes == [])
    // A restarted QEMU, and a later process with the number of the earlier one.
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
    // A snapshot of an earlier version does not record the identity.
    #expect(back(removal, on: on()).codes == [])
    #expect(back(plan(lan, web(""), on: on([device])), on: on(process: before)).codes == [])
  }

  @Test("a QEMU that was restarted with its UUID is the same guest")
  func restarted() {
    let id = "6ad9ee0a-8a3c-4a0c-9d64-0123456789ab"
    let removal = plan(lan, web(""), on: on([device], uuid: id))
    #expect(back(removal, on: on(uuid: id)).codes == [])
    #expect(back(removal, on: on(uuid: "7" + id.dropFirst())).codes == [.changed])
  }

  @Test("a marked device is removed from whichever process has the socket now")
  func removing() {
    let apply = plan(lan, web(), on: on(process: process(4711)))
    let now = back(apply, on: on([device], process: process(4812)))
    #expect(now.codes == [] && now.ids.first == "undo/attach/web/net0/live")
    // After a restart without the device there is nothing to remove.
    #expect(!back(apply, on: on(process: process(4812))).ids.contains("undo/attach/web/net0/live"))
    var other = device
    other.alias = "nic0"
    #expect(!back(apply, on: on([other], process: process(4812))).ids.contains("undo/attach/web/net0/live"))
  }

  @Test("an unmarked device is removed from the same guest only")
  func unmarked() throws {
    var other = device
    other.alias = "nic0"
    var adding = plan(lan, web(), on: on(process: process(4711)))
    let index = try #require(adding.steps.firstIndex { $0.id == "attach/web/net0/live" })
    adding.steps[index].action = .attach(other, Placement(guest: .qemu(socket: socket), part: .live))
    #expect(back(adding, on: on([other], process: process(4711))).codes == [])
    #expect(back(adding, on: on([other], process: process(4812))).codes == [.changed])
  }

  @Test("a plan for another process is stale, and the new plan has no notice about it")
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
