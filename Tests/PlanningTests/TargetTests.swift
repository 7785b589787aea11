import HostModel
import Planning
import TestSupport
import Testing

@Suite("Targets")
struct TargetTests {
  private let manifests =
    host(
      """
      name: lan, select: {address: '0000:03:00.0'}
      name: dmz, select: {address: '0000:04:00.0'}
      name: spare, select: {address: '0000:05:00.0'}, reserve: true
      """) + guest("a", "name: net0, from: lan") + guest("b", "name: net0, from: dmz")
  private let start = state(
    [nic("03:00.0"), nic("04:00.0"), nic("05:00.0")], libvirt: [off("a"), off("b")])

  @Test("without targets, everything is planned")
  func all() {
    #expect(plan(manifests, on: start).ids.filter { $0.hasPrefix("bind") }.count == 3)
  }

  @Test("nic/NAME is that NIC and its claim, guest/NAME is all NICs that the guest claims")
  func targets() {
    let lan = ["bind/0000:03:00.0", "attach/a/net0/persistent"]
    #expect(plan(manifests, on: start, targets: [.nic("lan")]).ids == lan)
    #expect(plan(manifests, on: start, targets: [.guest("a")]).ids == lan)
    #expect(
      plan(manifests, on: start, targets: [.guest("a"), .nic("spare")]).ids == lan + ["bind/0000:05:00.0"])
  }

  @Test("guest/NAME is also a NIC that the guest has and no longer claims")
  func leftovers() {
    let state = state(
      [nic("03:00.0"), nic("04:00.0"), nic("05:00.0", driver: "vfio-pci", override: "vfio-pci")],
      libvirt: [off("a", [marked("05:00.0", "old")]), off("b")])
    #expect(
      plan(manifests, on: state, targets: [.guest("a")]).ids
        == ["bind/0000:03:00.0", "attach/a/net0/persistent", "detach/a/old/persistent"])
  }

  @Test(
    "an unknown target is refused, with a list of the known targets",
    arguments: [Target.nic("lam"), .guest("c"), .nic("a")])
  func unknown(target: Target) {
    let plan = plan(manifests, on: start, targets: [target])
    #expect(plan.codes == [.select] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("\(target)", "hv01") == true)
    #expect(plan.refusals.first?.details == ["nic/lan", "nic/dmz", "nic/spare", "guest/a", "guest/b"])
  }

  @Test("a missing NIC outside the targets is not refused")
  func outside() {
    let state = state([nic("03:00.0"), nic("04:00.0")], libvirt: [off("a"), off("b")])
    #expect(plan(manifests, on: state).codes == [.select])
    #expect(plan(manifests, on: state, targets: [.nic("lan")]).codes == [])
    #expect(plan(manifests, on: state, targets: [.nic("spare")]).codes == [.select])
  }

  @Test(
    "targets are read from text", arguments: [("nic/lan", Target.nic("lan")), ("guest/a.b", .guest("a.b"))])
  func text(text: String, target: Target) {
    #expect(Target(text) == target && target.description == text)
  }

  @Test(
    "other text is not a target",
    arguments: ["lan", "nic/", "NIC/lan", "host/hv01", "nic/a/b", "", "/"])
  func noTarget(text: String) {
    #expect(Target(text) == nil)
  }
}
