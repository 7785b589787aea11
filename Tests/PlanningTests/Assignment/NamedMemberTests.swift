import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("A claim that names a member of a pool")
struct NamedMemberTests {
  private let marks = [marked("03:10.0", "a")]

  /// A pool whose number of ports is not declared.
  private func host(_ count: Int?, _ more: String = "") -> String {
    fastHost(count, members: 2, more).replacing(", expect: {count: 2}", with: "")
  }

  @Test(
    "is refused where the pool has no such port",
    arguments: ["fast/2/0", "fast/7/any", "fast/0000:99:00.0/0"])
  func missingPort(from: String) {
    let made = plan(
      host(4), guest("router", "name: a, from: \(from)"),
      on: state(ports(4), libvirt: [running("router", marks)]))
    #expect(made.codes == [.select])
    #expect(made.refusals.first?.nic == from)
    #expect(made.refusals.first?.details == ["fast/0: 0000:03:00.0", "fast/1: 0000:04:00.0"])
  }

  @Test("is refused where its port was taken out of the pool")
  func excluded() {
    let made = plan(
      host(4, ", exclude: [{address: '0000:03:00.0'}]"),
      guest("router", "name: a, from: fast/0000:03:00.0/0"),
      on: state(ports(4), libvirt: [running("router", marks)]))
    #expect(made.codes == [.select])
  }

  @Test("is refused where another claim names the same one by address, with both claims")
  func twice() {
    let guests =
      guest("db", "name: a, from: fast/1/0") + guest("db2", "name: a, from: fast/0000:04:00.0/0")
    let made = plan(fastHost(4), guests, on: state(ports(4), libvirt: [off("db"), off("db2")]))
    #expect(made.codes == [.select])
    #expect(made.refusals.first?.guest == "db2")
    #expect(made.refusals.first?.details.first?.contains("fast/1/0") == true)
    let one = plan(
      fastHost(4), guest("db", "name: a, from: fast/1/0\nname: b, from: fast/0000:04:00.0/0"),
      on: state(ports(4), libvirt: [off("db")]))
    #expect(one.codes == [.select])
  }

  @Test("is refused as a whole port that another claim names by address")
  func wholePort() {
    let found = state(pool("03:00.0") + pool("04:00.0"), libvirt: [off("db"), off("db2")])
    let guests = guest("db", "name: a, from: fast/1") + guest("db2", "name: a, from: fast/0000:04:00.0")
    #expect(plan(host(nil), guests, on: found).codes == [.select])
    #expect(plan(host(nil), guest("db", "name: a, from: fast/2"), on: found).codes == [.select])
  }

  @Test("stays with a shut-off QEMU guest without a manifest that had it, also with prune")
  func remembered() {
    let found = state(ports(4), libvirt: [off("db")]) { state in
      state.assignments = .known([
        RememberedAssignment(
          guest: "vm", domain: nil, socket: "/run/vm.qmp", uuid: nil, nic: "a", pool: "fast",
          address: pci("03:10.0"))
      ])
    }
    for prune in [false, true] {
      let any = plan(fastHost(4), guest("db", "name: a, from: fast"), on: found, prune: prune)
      #expect(any.members == ["db.a=04:10.0"])
      #expect(!any.ids.contains { $0.contains("0000:03:10.0") })
      let named = plan(fastHost(4), guest("db", "name: a, from: fast/0/0"), on: found, prune: prune)
      #expect(named.codes == [.ownership])
    }
  }

  @Test("does not move a running guest while its VFs are replaced")
  func replugged() {
    let found = state(ports(4), libvirt: [running("router", [marked("03:10.6", "a")])])
    let made = plan(fastHost(2), guest("router", "name: a, from: fast"), on: found)
    #expect(made.codes == [.inUse])
    // A NIC that is no longer claimed is removed first.
    #expect(plan(fastHost(2), guest("router", ""), on: found).codes == [])
  }
}
