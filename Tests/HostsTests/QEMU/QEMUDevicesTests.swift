import Documents
import Glibc
import HostModel
import Planning
import TestSupport
import Testing

@testable import Hosts

@Suite("Changing a QEMU's devices")
struct QEMUDevicesTests {
  private static let device = Hostdev(
    address: pci("0000:03:00.0"), alias: "pcipass-lan", isManaged: false, guestAddress: pci("0000:02:0a.1"),
    bus: "port1", driver: "vfio-pci")
  private static let list =
    #"[{"name": "type", "type": "string"}, {"name": "pcipass-lan", "type": "child<vfio-pci>"}]"#
  private static let emptyList = #"[{"name": "type", "type": "string"}]"#
  private static let deleted =
    #"{"event": "DEVICE_DELETED", "data": {"device": "pcipass-lan", "path": "/machine/peripheral/pcipass-lan"}}"#

  private func attach(
    _ device: Hostdev = device, within time: Duration = .seconds(10),
    _ script: @escaping @Sendable (Peer) -> Void
  ) throws -> HostFailure? {
    let scripted = try ScriptedMonitor { _, peer in
      peer.greet()
      script(peer)
    }
    return failure { () throws(HostFailure) in
      try QEMU().attach(device, to: scripted.monitor, within: time)
    }
  }

  /// - Parameter list: what `qom-list` says until the device is gone.
  private func unplug(
    _ device: Hostdev = device, answer: Duration = .seconds(10), list: String = list,
    _ script: @escaping @Sendable (Int, Peer) -> Void
  ) throws -> HostFailure? {
    let scripted = try ScriptedMonitor { number, peer in
      peer.greet()
      script(number, peer)
      while let command = peer.command() { peer.answer(command, command.name == "qom-list" ? list : "{}") }
    }
    return failure { () throws(HostFailure) in
      try QEMU().unplug(device, from: scripted.monitor, within: .seconds(10), answer: answer)
    }
  }

  /// Takes one command, and refuses another.
  private static func expect(_ question: String, _ peer: Peer) {
    let command = peer.command()
    let key = command.map(Transcript.key) ?? "nothing"
    if key == question { peer.answer(command) } else { peer.refuse(command, "GenericError", "not " + key) }
  }

  @Test("attach names the function, the id, the bus and the slot on it") func attach() throws {
    let failed = try attach {
      Self.expect("device_add driver=vfio-pci host=0000:03:00.0 id=pcipass-lan bus=port1 addr=0a.1", $0)
    }
    #expect(failed == nil)
    let plain = try attach(Hostdev(address: pci("0000:03:00.0"), alias: nil, isManaged: false)) {
      Self.expect("device_add driver=vfio-pci host=0000:03:00.0", $0)
    }
    #expect(plain == nil)
    let kept = try attach(
      Hostdev(address: pci("0000:03:00.0"), alias: nil, isManaged: false, iommufd: "iommufd0")
    ) { Self.expect("device_add driver=vfio-pci host=0000:03:00.0 iommufd=iommufd0", $0) }
    #expect(kept == nil)
    let failoverPartner = try attach(
      Hostdev(address: pci("0000:03:00.0"), alias: nil, isManaged: false, failoverPartner: "net0")
    ) { Self.expect("device_add driver=vfio-pci host=0000:03:00.0 failover_pair_id=net0", $0) }
    #expect(failoverPartner == nil)
  }

  @Test("attach is refused in QEMU's own words") func refused() throws {
    let failed = try attach { peer in
      peer.refuse(peer.command(), "GenericError", "vfio 0000:03:00.0: group 9 is not viable")
    }
    #expect(failed == HostFailure(QMPError(.generic, "vfio 0000:03:00.0: group 9 is not viable")))
    #expect(failed?.message.names("0000:03:00.0", "9") == true)
  }

  @Test("an attach that is not answered may still happen") func stuck() throws {
    let failed = try attach(within: .milliseconds(200)) { $0.wait() }
    #expect(failed?.kind == .stuck)
    #expect(failed?.message.names("200") == true)
  }

  @Test("a QEMU that ends while it attaches") func ended() throws {
    let failed = try attach { _ = $0.command() }
    #expect(failed?.kind == .refused)
    #expect(failed?.message.names("0000:03:00.0") == true)
  }

  @Test("nothing is attached to what does not run") func off() throws {
    let scripted = try ScriptedMonitor { _, _ in }
    scripted.end()
    let failed = failure { () throws(HostFailure) in
      try QEMU().attach(Self.device, to: scripted.monitor, within: .seconds(1))
    }
    #expect(failed?.kind == .refused && failed?.message.names("/tmp/") == true)
  }

  @Test(
    "unplug is done when the event comes, before the command's return or after it", arguments: [true, false])
  func event(isFirst: Bool) throws {
    let failed = try unplug { _, peer in
      let command = peer.command()
      if isFirst { peer.send(Self.deleted) }
      peer.send(
        #"{"event": "DEVICE_DELETED", "data": {"device": "other", "path": "/machine/peripheral/other"}}"#)
      peer.answer(command)
      peer.answer(peer.command(), Self.list)
      if !isFirst { peer.send(Self.deleted) }
    }
    #expect(failed == nil)
  }

  @Test("or when it is not in the list any more") func list() throws {
    let failed = try unplug(list: Self.emptyList) { _, _ in }
    #expect(failed == nil)
  }

  @Test("the return of the command says nothing: a guest that does not answer keeps the device")
  func unanswered() throws {
    let failed = try unplug(answer: .milliseconds(300)) { _, _ in }
    #expect(failed?.kind == .unanswered)
    #expect(failed?.message.names("0000:03:00.0") == true)
  }

  @Test("a guest that says no", arguments: [#""device": "pcipass-lan", "#, ""]) func guestRefuses(id: String)
    throws
  {
    let event =
      #"{"event": "DEVICE_UNPLUG_GUEST_ERROR", "data": {\#(id)"path": "/machine/peripheral/pcipass-lan"}}"#
    let failed = try unplug { _, peer in
      peer.answer(peer.command())
      peer.send(event)
    }
    #expect(failed?.kind == .refused && failed?.message.names("0000:03:00.0") == true)
  }

  @Test("one that was asked before is waited for") func before() throws {
    let failed = try unplug { _, peer in
      peer.refuse(peer.command(), "GenericError", "Device pcipass-lan is already in the process of unplug")
      peer.answer(peer.command(), Self.list)
      peer.send(Self.deleted)
    }
    #expect(failed == nil)
  }

  @Test("one that is busy is asked again") func busy() throws {
    let failed = try unplug { _, peer in
      peer.refuse(
        peer.command(), "GenericError", "Hot-unplug failed: guest is busy (power indicator blinking)")
      peer.answer(peer.command(), Self.list)
      Self.expect("device_del id=pcipass-lan", peer)
      peer.send(Self.deleted)
    }
    #expect(failed == nil)
    let always = try unplug(answer: .milliseconds(100)) { _, peer in
      while let command = peer.command() {
        if command.name == "qom-list" {
          peer.answer(command, Self.list)
        } else {
          peer.refuse(command, "GenericError", "Hot-unplug failed: guest is busy (power indicator blinking)")
        }
      }
    }
    #expect(always?.kind == .unanswered)
  }

  @Test("what is gone already is gone") func gone() throws {
    let failed = try unplug { _, peer in
      peer.refuse(peer.command(), "DeviceNotFound", "Device 'pcipass-lan' not found")
    }
    #expect(failed == nil)
  }

  @Test("other refusals are QEMU's") func otherErrors() throws {
    let failed = try unplug { _, peer in
      peer.refuse(peer.command(), "GenericError", "Bus 'pcie.0' does not support hotplugging")
    }
    #expect(failed == HostFailure(QMPError(.generic, "Bus 'pcie.0' does not support hotplugging")))
  }

  @Test("a QEMU that ends has nothing any more") func exit() throws {
    let failed = try unplug { _, peer in
      peer.answer(peer.command())
      // As a process does that ends.
      peer.endListening()
      peer.close()
    }
    #expect(failed == nil)
  }

  @Test("a connection that breaks is opened once more") func again() throws {
    let failed = try unplug { number, peer in
      let command = peer.command()
      guard number > 0 else {
        peer.answer(command)
        return peer.close()
      }
      peer.refuse(command, "GenericError", "Device pcipass-lan is already in the process of unplug")
      peer.answer(peer.command(), Self.list)
      peer.send(Self.deleted)
    }
    #expect(failed == nil)
  }

  @Test("a device without an id cannot be taken out") func anonymous() throws {
    let failed = try unplug(Hostdev(address: pci("0000:03:00.0"), alias: nil, isManaged: false)) { _, _ in }
    #expect(failed?.kind == .refused && failed?.message != nil)
  }
}
