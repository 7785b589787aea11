import HostModel
import Manifests
import TestSupport
import Testing

@testable import Planning

@Suite("Notices about domains that changed since the last apply")
struct LastApplyTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private static let uuid = "6ad9ee0a-8a3c-4a0c-9d64-0123456789ab"
  private static let otherUUID = "7ad9ee0a-8a3c-4a0c-9d64-0123456789ab"

  private func on(_ uuid: String?, _ name: String = "web", _ devices: [Hostdev] = []) -> HostState {
    state(
      [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")],
      libvirt: [GuestState(name: name, run: .shutoff, persistent: devices, live: nil, uuid: uuid)])
  }

  private func notes(_ manifests: String, on now: HostState, since before: HostState, _ old: String)
    -> [String]
  {
    Planner.plan(request(lan, manifests), on: now, since: LastApply(plan(lan, old, on: before))).remarks
  }

  @Test("another UUID under the same name is noted, also for a guest that was in sync")
  func replaced() {
    let claim = guest("web", "name: net0, from: lan")
    let note = ["changed", "web", Self.uuid, Self.otherUUID]
    for before in [on(Self.uuid), on(Self.uuid, "web", [marked("03:00.0", "net0")])] {
      #expect(notes(claim, on: on(Self.otherUUID), since: before, claim).names(note))
    }
    #expect(notes(claim, on: on(Self.otherUUID), since: on(Self.uuid), guest("web")).names(note))
  }

  @Test("the same domain, a renamed one, and one with an unknown UUID are not noted")
  func same() {
    let claim = guest("web", "name: net0, from: lan")
    #expect(notes(claim, on: on(Self.uuid), since: on(Self.uuid), claim) == [])
    #expect(notes(claim, on: on(nil), since: on(Self.uuid), claim) == [])
    #expect(notes(claim, on: on(Self.uuid), since: on(nil), claim) == [])
    let pinned = guest("web", "name: net0, from: lan", "libvirt: {uuid: \(Self.uuid)}")
    #expect(notes(pinned, on: on(Self.uuid, "new"), since: on(Self.uuid), pinned) == [])
  }
}
