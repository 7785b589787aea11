import HostModel
import Manifests
import TestSupport
import Testing

@testable import Planning

@Suite("The identities of card and guest in a rollback")
struct IdentityTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private let claim = guest("winxp", "name: net0, from: lan")
  private static let uuid = "6ad9ee0a-8a3c-4a0c-9d64-0123456789ab"
  private static let otherUUID = "7ad9ee0a-8a3c-4a0c-9d64-0123456789ab"

  private func onVFIO(_ change: (inout PCIFunction) -> Void = { _ in }) -> PCIFunction {
    var function = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")
    change(&function)
    return function
  }

  private func domain(_ name: String, _ devices: [Hostdev], uuid: String? = Self.uuid) -> GuestState {
    GuestState(name: name, run: .shutoff, persistent: devices, live: nil, uuid: uuid)
  }

  /// Returns the plan that removes the NIC from the guest.
  private func removal() -> Plan {
    let held = state([onVFIO()], libvirt: [domain("winxp", [marked("03:00.0", "net0")])])
    return plan(lan, guest("winxp"), on: held)
  }

  private func back(_ plan: Plan, on state: HostState) -> Plan { Planner.rollback(of: plan, on: state) }

  @Test(
    "another card at the address is neither added to the guest nor bound",
    arguments: ["id", "class", "subsystem", "serial", "mac"])
  func otherCard(what: String) throws {
    var before = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")
    (before.serial, before.subsystem) = ("90-e2-ba-ff-ff-00-d1-c2", PCIID("8086:a03c"))
    let held = state([before], libvirt: [domain("winxp", [marked("03:00.0", "net0")])])
    let removal = plan(lan, guest("winxp"), on: held)
    var now = nic("03:00.0")
    (now.serial, now.subsystem) = (before.serial, before.subsystem)
    let same = state([now], libvirt: [domain("winxp", [])])
    #expect(back(removal, on: same).codes == [])
    switch what {
    case "id": now.id = try #require(PCIID("144d:a80a"))
    case "class": now.deviceClass = PCIClass(0x010802)
    case "subsystem": now.subsystem = PCIID("8086:0001")
    case "serial": now.serial = "90-e2-ba-ff-ff-00-d1-c3"
    default: now.interfaces[0].permanentMAC = mac("90:e2:ba:00:00:99")
    }
    let back = back(removal, on: state([now], libvirt: [domain("winxp", [])]))
    #expect(back.codes.contains(.changed))
    #expect(back.refusals.contains { $0.details.joined(separator: " ").names("0000:03:00.0") })
  }

  @Test("an attribute that is unknown on one side is not a difference")
  func unknown() {
    let whole = FunctionIdentity(
      id: PCIID(vendor: 0x8086, device: 0x10c9), deviceClass: PCIClass(0x020000),
      subsystem: PCIID(vendor: 0x8086, device: 1), serial: "90-e2-ba-ff-ff-00-d1-c2", port: 0,
      mac: mac("90:e2:ba:00:00:99"))
    let part = FunctionIdentity(id: whole.id, deviceClass: whole.deviceClass, port: 1)
    #expect(whole.difference(from: part) == nil && part.difference(from: whole) == nil)
    var otherPort = whole
    otherPort.port = 1
    #expect(whole.difference(from: otherPort) != nil)
    var part0 = whole
    part0.virtualFunction = 0
    #expect(whole.difference(from: part0) != nil)
  }

  @Test("a renamed domain is found by its UUID, to remove a device and to add one")
  func renamed() throws {
    let apply = plan(lan, claim, on: state([onVFIO()], libvirt: [domain("winxp", [])]))
    #expect(apply.step("attach/winxp/net0/persistent")?.guestUUID == Self.uuid)
    let now = state([onVFIO()], libvirt: [domain("xp2", [marked("03:00.0", "net0")])])
    let removed = try #require(back(apply, on: now).steps.first { $0.action.device != nil })
    #expect(removed.action.guest == .libvirt(domain: "xp2") && removed.action.device?.isAdded == false)
    let added = back(removal(), on: state([onVFIO()], libvirt: [domain("xp2", [])]))
    #expect(added.codes == [])
    #expect(added.steps.contains { $0.action.guest == .libvirt(domain: "xp2") })
  }

  @Test("another domain of the same name loses a marked device, and gets none added")
  func replaced() {
    let other = domain("winxp", [], uuid: Self.otherUUID)
    let refused = back(removal(), on: state([onVFIO()], libvirt: [other]))
    #expect(refused.codes == [.changed])
    #expect(refused.refusals[0].details[0].contains(Self.uuid))
    #expect(refused.refusals[0].details[0].contains(Self.otherUUID))
    let apply = plan(lan, claim, on: state([onVFIO()], libvirt: [domain("winxp", [])]))
    let cloned = domain("winxp", [marked("03:00.0", "net0")], uuid: Self.otherUUID)
    let back = back(apply, on: state([onVFIO()], libvirt: [cloned]))
    #expect(back.codes == [] && back.ids.contains("undo/attach/winxp/net0/persistent"))
  }

  @Test("a copied mark is reported, and the device is removed from the recorded domain only")
  func copied() throws {
    let apply = plan(lan, claim, on: state([onVFIO()], libvirt: [domain("winxp", [])]))
    let device = marked("03:00.0", "net0")
    let note = { (name: String, recorded: String) in
      ["copiedMark", name, "0000:03:00.0", "ua-pcipass-net0", recorded, Self.uuid]
    }
    let clone = domain("clone", [device], uuid: Self.otherUUID)
    let cloned = back(apply, on: state([onVFIO()], libvirt: [clone, domain("winxp", [device])]))
    #expect(cloned.codes == [] && cloned.remarks.names(note("clone", "winxp")))
    #expect(cloned.steps.compactMap(\.action.guest) == [.libvirt(domain: "winxp")])
    // The clone has the recorded name now.
    let namesake = domain("winxp", [device], uuid: Self.otherUUID)
    let swapped = back(apply, on: state([onVFIO()], libvirt: [namesake, domain("xp-old", [device])]))
    #expect(swapped.codes == [] && swapped.remarks.names(note("winxp", "xp-old")))
    #expect(swapped.steps.compactMap(\.action.guest) == [.libvirt(domain: "xp-old")])
    // The recorded domain does not have the device any more.
    let left = back(apply, on: state([onVFIO()], libvirt: [clone, domain("winxp", [])]))
    #expect(left.steps.allSatisfy { $0.action.guest == nil } && left.remarks.names(note("clone", "winxp")))
  }

  @Test("a guest from which the plan moves the device is not reported as a copy")
  func moved() {
    let held = state(
      [onVFIO()],
      libvirt: [domain("winxp", []), domain("other", [marked("03:00.0", "net0")], uuid: Self.otherUUID)])
    let move = plan(lan, claim, guest("other"), on: held)
    #expect(move.ids.contains("detach/other/net0/persistent"))
    // The apply stopped between the two guests' steps.
    let both = state(
      [onVFIO()],
      libvirt: [
        domain("winxp", [marked("03:00.0", "net0")]),
        domain("other", [marked("03:00.0", "net0")], uuid: Self.otherUUID),
      ])
    #expect(back(move, on: both).remarks == [])
  }

  @Test("a plan for another card or another domain is not the same plan")
  func stale() throws {
    let before = plan(lan, claim, on: state([nic("03:00.0")], libvirt: [domain("winxp", [])]))
    var moved = nic("03:00.0")
    moved.interfaces[0].permanentMAC = mac("90:e2:ba:00:00:99")
    let after = plan(lan, claim, on: state([moved], libvirt: [domain("winxp", [])]))
    #expect(!zip(before.steps, after.steps).allSatisfy { $0.isSame(as: $1) })
    #expect(before.facts != after.facts)
    let replaced = plan(
      lan, claim, on: state([nic("03:00.0")], libvirt: [domain("winxp", [], uuid: Self.otherUUID)]))
    #expect(!zip(before.steps, replaced.steps).allSatisfy { $0.isSame(as: $1) })
    #expect(before.facts != replaced.facts)
  }

  @Test("a saved plan without identities, from an earlier version, is rolled back")
  func old() {
    var old = removal()
    for index in old.steps.indices { (old.steps[index].identity, old.steps[index].guestUUID) = (nil, nil) }
    #expect(back(old, on: state([nic("03:00.0")], libvirt: [domain("winxp", [])])).codes == [])
  }
}
