import HostModel
import Manifests
import TestSupport
import Testing

@testable import Planning

@Suite("A domain that a manifest pins by UUID")
struct GuestPinTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private static let uuid = "6ad9ee0a-8a3c-4a0c-9d64-0123456789ab"
  private static let otherUUID = "7ad9ee0a-8a3c-4a0c-9d64-0123456789ab"

  private func pinned(_ keys: String = "uuid: \(Self.uuid)", nics: String = "name: net0, from: lan") -> String
  {
    guest("web", nics, "libvirt: {\(keys)}")
  }

  private func domain(_ name: String, _ devices: [Hostdev] = [], uuid: String? = Self.uuid) -> GuestState {
    GuestState(name: name, run: .shutoff, persistent: devices, live: nil, uuid: uuid)
  }

  private func on(_ domains: GuestState...) -> HostState {
    state([nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")], libvirt: domains)
  }

  @Test("is found by the UUID alone, whatever its name", arguments: ["web", "web-old"])
  func found(name: String) {
    let found = plan(lan, pinned(), on: on(domain(name), domain("other", uuid: Self.otherUUID)))
    #expect(found.codes == [])
    let step = found.step("attach/web/net0/persistent")
    #expect(step?.action.guest == .libvirt(domain: name) && step?.guestUUID == Self.uuid)
    let done = on(domain(name, [marked("03:00.0", "net0")]))
    #expect(plan(lan, pinned(), on: done).isEmpty)
    #expect(plan(lan, pinned(nics: ""), on: done).ids.contains("detach/web/net0/persistent"))
  }

  @Test("is found by a UUID in upper case")
  func upperCase() {
    #expect(plan(lan, pinned("uuid: \(Self.uuid.uppercased())"), on: on(domain("x"))).codes == [])
  }

  @Test("is not the domain with the guest's name and another UUID, which is left alone")
  func otherOfTheName() {
    let other = on(domain("web", [marked("03:00.0", "net0")], uuid: Self.otherUUID))
    let refused = plan(lan, pinned(), on: other)
    #expect(refused.codes == [.guestMissing] && refused.isEmpty)
    #expect(refused.refusals[0].message.names(Self.uuid))
    #expect(refused.refusals[0].details.names(["web", Self.otherUUID]))
    // The other domain keeps its device, also where the manifest claims nothing.
    let empty = plan(lan, pinned(nics: ""), on: other)
    #expect(empty.codes == [.guestMissing] && empty.isEmpty)
    #expect(HostStatus(empty, on: other).guests.map(\.state) == [.blocked])
  }

  @Test("is refused with both UUIDs where its name is another domain's")
  func disagreement() {
    let both = pinned("domain: web-1, uuid: \(Self.uuid)")
    #expect(plan(lan, both, on: on(domain("web-1"))).codes == [])
    let refused = plan(lan, both, on: on(domain("web-1", uuid: Self.otherUUID), domain("web-2")))
    #expect(refused.codes == [.guestMissing])
    #expect(refused.refusals[0].message.names("web-1", Self.otherUUID, Self.uuid))
    #expect(refused.refusals[0].details.names(["web-2", Self.uuid]))
    let renamed = plan(lan, both, on: on(domain("web-2")))
    #expect(renamed.codes == [.guestMissing])
    #expect(renamed.refusals[0].message.names(Self.uuid, "web-2"))
  }

  @Test("is unknown in a snapshot without UUIDs and where libvirt is unavailable")
  func unrecorded() {
    for keys in ["uuid: \(Self.uuid)", "domain: web, uuid: \(Self.uuid)"] {
      #expect(plan(lan, pinned(keys), on: on(domain("web", uuid: nil))).codes == [.unavailable])
    }
    let silent = state([nic("03:00.0")]) { $0.libvirt = .unavailable("no daemon") }
    #expect(plan(lan, pinned(), on: silent).codes == [.unavailable])
  }

  @Test("is refused where a second Guest document names it")
  func sameDomain() {
    let named = guest("db", "", "libvirt: {domain: web-1}")
    let refused = plan(lan, pinned() + named, on: on(domain("web-1")))
    #expect(refused.codes == [.select])
    #expect(refused.refusals[0].message.names("db", "web", "web-1"))
    #expect(refused.refusals[0].details.names(["web", Self.uuid]))
  }

  @Test("need not exist for a plan that is limited to another NIC")
  func target() {
    let two = host(
      "name: lan, select: {address: '0000:03:00.0'}\nname: dmz, select: {address: '0000:04:00.0'}")
    let state = state([nic("03:00.0"), nic("04:00.0", driver: "vfio-pci")], libvirt: [])
    #expect(plan(two, pinned(), on: state, targets: [.nic("dmz")]).codes == [])
    #expect(plan(two, pinned(), on: state, targets: [.nic("lan")]).codes == [.guestMissing])
  }
}
