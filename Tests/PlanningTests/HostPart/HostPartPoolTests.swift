import Documents
import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("With --part host, a claim of a pool")
struct HostPartPoolTests {
  private let claims = guest("db", "name: a, from: fast") + guest("web", "name: b, from: fast")

  private func remembered(_ guest: String, _ nic: String, _ short: String) -> RememberedAssignment {
    RememberedAssignment(
      guest: guest, domain: guest, socket: nil, uuid: nil, nic: nic, pool: "fast", address: pci(short))
  }

  private func found(
    _ memory: Observed<[RememberedAssignment]>?, _ functions: [PCIFunction] = ports(2)
  ) -> HostState { silent(functions) { $0.assignments = memory } }

  private func change(_ manifests: String, on state: HostState) -> AssignmentChange {
    ResolvedRequest(hostRequest(manifests), on: HostIndex(state)).assignmentChange
  }

  @Test("gets only what is remembered for it, and nothing is recorded")
  func remembered() {
    let state = found(.known([remembered("db", "a", "04:10.2")]))
    let made = hostPlan(fastHost(2), claims, on: state)
    #expect(made.codes == [])
    #expect(made.members == ["db.a=04:10.2"] && made.reasons == [.remembered])
    #expect(made.ids == ["configure/0000:04:10.2"])
    let missing = made.notices.filter { $0.code == .notAssigned }
    #expect(missing.map(\.guest) == ["web"] && missing.map(\.nic) == ["fast"])
    #expect(made.notices.filter { $0.code == .notLookedAt }.map(\.nic) == ["fast/0000:04:00.0/1", "fast"])
    #expect(change(fastHost(2) + claims, on: state).isEmpty)
  }

  @Test("has the settings that a whole plan gives it")
  func settings() {
    let memory = Observed.known([remembered("db", "a", "04:10.2")])
    let whole = plan(
      fastHost(2), guest("db", "name: a, from: fast"),
      on: state(ports(2), libvirt: [off("db", [marked("04:10.2", "a")])]) { $0.assignments = memory })
    let made = hostPlan(fastHost(2), guest("db", "name: a, from: fast"), on: found(memory))
    #expect(made.settings("04:10.2")?.to == whole.settings("04:10.2")?.to)
    #expect(made.settings("04:10.2") != nil)
  }

  @Test("is listed and not refused if nothing is recorded, or the record cannot be read")
  func unknown() {
    for memory in [nil, Observed<[RememberedAssignment]>.unavailable("it is damaged"), .known([])] {
      let made = hostPlan(fastHost(2), claims, on: found(memory))
      #expect(made.codes == [] && made.ids == [] && made.members == [])
      #expect(made.notices.filter { $0.code == .notAssigned }.count == 2)
      #expect(change(fastHost(2) + claims, on: found(memory)).isEmpty)
    }
  }

  @Test("leads to VFs on all ports, also without an assignment")
  func created() {
    let made = hostPlan(fastHost(2), claims, on: found(nil, pool("03:00.0") + pool("04:00.0")))
    #expect(made.ids == ["resize/0000:03:00.0", "resize/0000:04:00.0"])
    let memory = Observed.known([remembered("web", "b", "03:10.2")])
    let remembered = hostPlan(fastHost(2), claims, on: found(memory, pool("03:00.0") + pool("04:00.0")))
    #expect(Set(remembered.ids).isSuperset(of: ["bind/0000:03:10.2", "configure/0000:03:10.2"]))
    #expect(!remembered.ids.contains("bind/0000:03:10.0"))
  }

  @Test("for any VF of a NIC gets what is remembered")
  func anyVF() {
    let manifests = poolHost(2) + guest("db", "name: a, from: pool/any\nname: b, from: pool/any")
    let memory = RememberedAssignment(
      guest: "db", domain: "db", socket: nil, uuid: nil, nic: "b", pool: "pool", address: pci("03:10.2"))
    let made = hostPlan(manifests, on: silent(pool(count: 2)) { $0.assignments = .known([memory]) })
    #expect(made.members == ["db.b=03:10.2"] && made.codes == [])
    #expect(made.notices.map { $0.nic } == ["pool", "pool", "pool/1"])
    #expect(made.notices.map(\.code) == [.notAssigned, .notLookedAt, .notLookedAt])
  }

  @Test("keeps a member that a process has open: it may be the guest")
  func open() {
    let functions = ports(2).map { function in
      var function = function
      if function.address == pci("04:10.2") { function.holders = .known([qemu]) }
      return function
    }
    let made = hostPlan(fastHost(2), claims, on: found(.known([remembered("db", "a", "04:10.2")]), functions))
    #expect(made.members == ["db.a=04:10.2"])
    #expect(made.ids == [] && made.notices.contains { $0.code == .waits })
  }

  @Test("does not get a member that another claim names, or that something else uses")
  func taken() {
    let memory = Observed.known([remembered("db", "a", "04:10.2")])
    let named = claims + guest("x", "name: c, from: fast/1/1")
    let made = hostPlan(fastHost(2), named, on: found(memory))
    #expect(made.codes == [] && !made.members.contains("db.a=04:10.2"))
    #expect(made.notices.filter { $0.code == .notAssigned }.count == 2)
  }

  @Test("leaves alone what is remembered for a guest without a manifest")
  func others() {
    let memory = Observed.known([remembered("gone", "a", "04:10.2")])
    let made = hostPlan(fastHost(2), claims, on: found(memory))
    #expect(made.ids == [] && made.codes == [])
    #expect(made.notices.contains { $0.code == .unmanaged })
  }

  @Test("of a pool of whole ports gets the port that is remembered")
  func wholePorts() {
    let memory = Observed.known([remembered("db", "a", "04:00.0")])
    let made = hostPlan(fastHost(nil), claims, on: found(memory, [nic("03:00.0"), nic("04:00.0")]))
    #expect(made.ids == ["bind/0000:04:00.0"])
  }

  // MARK: The request

  @Test("is planned in the same way from a saved plan, and plans of earlier versions are about everything")
  func saved() throws {
    let made = hostPlan(fastHost(2), claims, on: found(nil))
    #expect(try roundTrip(made) == made)
    #expect(Plan.form.encode(made).text.contains("\"part\": \"host\""))
    let whole = plan(fastHost(2), on: state(ports(2)))
    #expect(!Plan.form.encode(whole).text.contains("\"part\""))
    #expect(try roundTrip(whole).request.part == .everything)
  }
}
