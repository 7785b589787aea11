import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("Draining a port")
struct DrainTests {
  private let router = guest("router", "name: a, from: fast")

  private func drained(_ reference: String, _ manifests: String, on state: HostState) -> Plan {
    var request = request(manifests)
    request.drained = NICReference(reference).map { [$0] } ?? []
    return Planner.plan(request, on: state)
  }

  @Test(
    "moves the claims of pools to other ports, also of running guests",
    arguments: ["fast/0000:03:00.0", "fast/0"])
  func moves(port: String) {
    let found = state(ports(2), libvirt: [running("router", [marked("03:10.0", "a")])])
    let made = drained(port, fastHost(2) + router, on: found)
    #expect(made.codes == [])
    #expect(made.members == ["router.a=04:10.0"])
    #expect(made.step("detach/router/a/live") != nil)
    #expect(made.step("attach/router/a/live")?.after.contains("detach/router/a/live") == true)
  }

  @Test("is refused where the other ports have no room")
  func noRoom() {
    let both = router + guest("db", "name: a, from: fast")
    let found = state(
      ports(1), libvirt: [off("router", [marked("03:10.0", "a")]), off("db", [marked("04:10.0", "a")])])
    #expect(drained("fast/1", fastHost(1) + both, on: found).codes == [.poolExhausted])
    #expect(drained("fast", fastHost(1) + both, on: found).codes == [.poolExhausted, .poolExhausted])
  }

  @Test("is refused where a claim names what is drained, and where nothing has that name")
  func named() {
    let claims = guest("router", "name: a, from: fast/0/1")
    let found = state(ports(2), libvirt: [off("router")])
    #expect(drained("fast/0", fastHost(2) + claims, on: found).codes == [.unsupported])
    #expect(drained("fats", fastHost(2) + claims, on: found).codes == [.select])
  }
}
