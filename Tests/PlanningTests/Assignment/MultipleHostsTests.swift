import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("A guest that may run on several hosts")
struct MultipleHostsTests {
  private let claims = guest("router", "name: a, from: fast, mac: '52:54:00:00:00:01'")
    .replacing("host: hv01", with: "hosts: [hv01]")

  @Test("gets no member where its domain does not exist, and one stays free for it")
  func kept() {
    let elsewhere = plan(fastHost(1), claims, on: state(ports(1)))
    #expect(elsewhere.codes == [] && elsewhere.members == [])
    let others = guest("a", "name: n, from: fast") + guest("b", "name: n, from: fast")
    let full = plan(fastHost(1), claims, others, on: state(ports(1), libvirt: [off("a"), off("b")]))
    #expect(full.codes == [.poolExhausted])
    #expect(full.refusals.first?.guest == "b")
  }

  @Test("gets a member where its domain exists")
  func here() {
    let made = plan(fastHost(1), claims, on: state(ports(1), libvirt: [off("router")]))
    #expect(made.members == ["router.a=03:10.0"])
    #expect(made.settings("03:10.0")?.to.mac == mac("52:54:00:00:00:01"))
  }

  @Test("has its named VF bound where it does not exist, without its MAC address")
  func named() {
    let claims = guest("router", "name: a, from: pool/0, mac: '52:54:00:00:00:01', vlan: 7")
      .replacing("host: hv01", with: "hosts: [hv01]")
    let made = plan(poolHost(1), claims, on: state(pool(count: 1)))
    #expect(made.codes == [])
    #expect(made.ids == ["bind/0000:03:10.0"])
    #expect(made.notices.map(\.code) == [.elsewhere])
    // What the guest left is reset.
    var settings = VFSettings.initial
    (settings.mac, settings.vlan) = (mac("52:54:00:00:00:01"), VLAN(id: 7))
    let left = plan(poolHost(1), claims, on: state(pool(count: 1)).setting("03:10.0", .known(settings)))
    #expect(left.settings("03:10.0")?.to.vlan == VLAN.none)
    #expect(left.settings("03:10.0")?.to.mac != mac("52:54:00:00:00:01"))
  }

  @Test("takes nothing from other guests where it does not exist")
  func others() {
    let claims = guest("router", "name: a, from: pool/0").replacing("host: hv01", with: "hosts: [hv01]")
    let made = plan(
      poolHost(1), claims,
      on: state(pool(count: 1, eachVF: onVFIO), libvirt: [off("x", [foreign("03:10.0")])]))
    #expect(!made.ids.contains { $0.hasPrefix("detach/") })
  }
}
