import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("What pcipass remembers of assignments")
struct AssignmentMemoryTests {
  private let vm = "/run/vm.sock"
  private var claims: String { guest("vm", "name: a, from: fast", "qemu: {qmp: \(vm)}") }

  /// A QEMU that does not run.
  private var stopped: GuestState { GuestState(name: vm, run: .shutoff, persistent: nil, live: nil) }

  private func remembered(_ short: String, nic: String = "a", guest: String = "vm", socket: String? = nil)
    -> RememberedAssignment
  {
    RememberedAssignment(
      guest: guest, domain: nil, socket: socket ?? vm, uuid: nil, nic: nic, pool: "fast", address: pci(short))
  }

  private func found(
    _ memory: Observed<[RememberedAssignment]>?, libvirt: [GuestState] = [], _ guest: GuestState? = nil
  ) -> HostState {
    state(ports(2), libvirt: libvirt, qemu: [guest ?? stopped]) { $0.assignments = memory }
  }

  @Test("gives a QEMU that does not run its member again")
  func again() {
    let made = plan(fastHost(2), claims, on: found(.known([remembered("04:10.2")])))
    #expect(made.members == ["vm.a=04:10.2"])
    #expect(made.reasons == [.remembered])
  }

  @Test("counts less than what is observed")
  func observed() {
    let made = plan(
      fastHost(2), claims,
      on: found(
        .known([remembered("04:10.2")]),
        runningQEMU(vm, [Hostdev(address: pci("03:10.2"), alias: "pcipass-a", isManaged: false)])))
    #expect(made.members == ["vm.a=03:10.2"])
    let other = plan(
      fastHost(2), claims,
      on: found(.known([remembered("04:10.2")]), libvirt: [off("x", [foreign("04:10.2")])]))
    #expect(other.members == ["vm.a=03:10.0"])
  }

  @Test("is unknown if it is lost: nothing is assigned from the pool until the guest runs or --reassign")
  func lost() {
    let both = claims + guest("db", "name: a, from: fast")
    let state = found(nil, libvirt: [off("db")])
    #expect(plan(fastHost(2), both, on: state).codes == [.unavailable, .unavailable])
    var request = request(fastHost(2), both)
    request.reassigns = true
    #expect(Planner.plan(request, on: state).codes == [])
    let runs = found(nil, libvirt: [off("db")], runningQEMU(vm))
    #expect(plan(fastHost(2), both, on: runs).codes == [])
    // What guests show needs no memory.
    let marked = found(nil, libvirt: [off("db", [TestSupport.marked("03:10.0", "a")])])
    #expect(plan(fastHost(2), both, on: marked).members == ["db.a=03:10.0"])
  }

  @Test("refuses every plan of a pool where it cannot be read, because no apply could record anything")
  func unreadable() {
    let both = claims + guest("db", "name: a, from: fast")
    for guest in [nil, runningQEMU(vm)] {
      var request = request(fastHost(2), both)
      for reassigns in [false, true] {
        request.reassigns = reassigns
        let state = found(.unavailable("assignments.json: no space"), libvirt: [off("db")], guest)
        let made = Planner.plan(request, on: state)
        #expect(made.codes == [.unavailable])
        #expect(made.refusals.first?.message.contains("assignments.json") == true)
      }
    }
  }

  @Test("is not written while it is unknown what a guest has")
  func notWritten() {
    let request = request(fastHost(2), claims)
    #expect(ResolvedRequest(request, on: HostIndex(found(nil))).remembered == nil)
    #expect(ResolvedRequest(request, on: HostIndex(found(.known([])))).remembered?.count == 1)
  }

  @Test("keeps a member for a QEMU whose manifest is not given, until its manifest claims nothing")
  func otherGuests() {
    let memory: Observed<[RememberedAssignment]> = .known([
      remembered("03:10.0", guest: "other", socket: "/run/other.sock")
    ])
    let state = state(ports(1), libvirt: [off("db")]) { $0.assignments = memory }
    let db = guest("db", "name: a, from: fast")
    #expect(plan(fastHost(1), db, on: state).members == ["db.a=04:10.0"])
    #expect(plan(fastHost(1), db, on: state, prune: true).members == ["db.a=04:10.0"])
    let gone = guest("other", "", "qemu: {qmp: /run/other.sock}")
    #expect(plan(fastHost(1), db + gone, on: state).members == ["db.a=03:10.0"])
    let request = request(fastHost(1), db)
    #expect(
      ResolvedRequest(request, on: HostIndex(state)).remembered?.map(\.guest).sorted() == ["db", "other"])
  }

  @Test("gives a domain that is defined again its member again")
  func definedAgain() {
    let memory = RememberedAssignment(
      guest: "db", domain: "db", socket: nil, uuid: "00000000-0000-4000-8000-000000000001", nic: "a",
      pool: "fast", address: pci("04:10.2"))
    var domain = off("db")
    domain.uuid = "00000000-0000-4000-8000-000000000002"
    let state = state(ports(2), libvirt: [domain]) { $0.assignments = .known([memory]) }
    #expect(plan(fastHost(2), guest("db", "name: a, from: fast"), on: state).members == ["db.a=04:10.2"])
  }

  @Test("is not needed without libvirt for guests of QEMU, and nothing new is assigned to domains")
  func withoutLibvirt() {
    let state = state(ports(2), qemu: [runningQEMU(vm)]) { $0.libvirt = .unavailable("not running") }
    #expect(plan(fastHost(2), claims, on: state).members == ["vm.a=03:10.0"])
    let both = plan(fastHost(2), claims + guest("db", "name: a, from: fast"), on: state)
    #expect(both.codes.allSatisfy { $0 == .unavailable } && !both.codes.isEmpty)
    #expect(both.members == [])
  }
}
