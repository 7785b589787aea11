import Documents
import Glibc
import HostModel
import Planning
import TestSupport
import Testing

@testable import Hosts

@Suite("Changing the devices of a QEMU")
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

  /// - Parameter list: the answer to `qom-list` after the script.
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

  /// Answers the expected command, and refuses any other.
  private static func expect(_ question: String, _ peer: Peer) {
    let command = peer.command()
    let key = command.map(Transcript.key) ?? "nothing"
    if key == question { peer.answer(command) } else { peer.refuse(command, "GenericError", "not " + key) }
  }

  @Test("An attach names function, id, bus and slot, and keeps IOMMUFD object and partner")
  func attach() throws {
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

  @Test("An attach that QEMU refuses has QEMU's message") func refused() throws {
    let failed = try attach { peer in
      peer.refuse(peer.command(), "GenericError", "vfio 0000:03:00.0: group 9 is not viable")
    }
    #expect(failed == HostFailure(QMPError(.generic, "vfio 0000:03:00.0: group 9 is not viable")))
    #expect(failed?.message.names("0000:03:00.0", "9") == true)
  }

  @Test("An attach without an answer is stuck, as it may still happen") func stuck() throws {
    let failed = try attach(within: .milliseconds(200)) { $0.wait() }
    #expect(failed?.kind == .stuck)
    #expect(failed?.message.names("200") == true)
  }

  @Test("An attach fails if QEMU ends during it") func ended() throws {
    let failed = try attach { _ = $0.command() }
    #expect(failed?.kind == .refused)
    #expect(failed?.message.names("0000:03:00.0") == true)
  }

  @Test("An attach to a QEMU that does not run is refused") func off() throws {
    let scripted = try ScriptedMonitor { _, _ in }
    scripted.end()
    let failed = failure { () throws(HostFailure) in
      try QEMU().attach(Self.device, to: scripted.monitor, within: .seconds(1))
    }
    #expect(failed?.kind == .refused && failed?.message.names("/tmp/") == true)
  }

  @Test(
    "An unplug is done at its event, before or after the command returns", arguments: [true, false])
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

  @Test("An unplug is done when the device is no longer listed") func list() throws {
    let failed = try unplug(list: Self.emptyList) { _, _ in }
    #expect(failed == nil)
  }

  @Test("An unplug that only returns is unanswered, and the guest keeps the device")
  func unanswered() throws {
    let failed = try unplug(answer: .milliseconds(300)) { _, _ in }
    #expect(failed?.kind == .unanswered)
    #expect(failed?.message.names("0000:03:00.0") == true)
  }

  @Test("An unplug that the guest refuses fails", arguments: [#""device": "pcipass-lan", "#, ""])
  func guestRefuses(id: String)
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

  @Test("An unplug that is already in progress is waited for") func before() throws {
    let failed = try unplug { _, peer in
      peer.refuse(peer.command(), "GenericError", "Device pcipass-lan is already in the process of unplug")
      peer.answer(peer.command(), Self.list)
      peer.send(Self.deleted)
    }
    #expect(failed == nil)
  }

  @Test("An unplug is repeated while the guest is busy") func busy() throws {
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

  @Test("An unplug of a missing device succeeds") func gone() throws {
    let failed = try unplug { _, peer in
      peer.refuse(peer.command(), "DeviceNotFound", "Device 'pcipass-lan' not found")
    }
    #expect(failed == nil)
  }

  @Test("Other errors of an unplug have QEMU's message") func otherErrors() throws {
    let failed = try unplug { _, peer in
      peer.refuse(peer.command(), "GenericError", "Bus 'pcie.0' does not support hotplugging")
    }
    #expect(failed == HostFailure(QMPError(.generic, "Bus 'pcie.0' does not support hotplugging")))
  }

  @Test("An unplug is done if QEMU ends") func exit() throws {
    let failed = try unplug { _, peer in
      peer.answer(peer.command())
      // The sockets of a process close in this order when it ends.
      peer.endListening()
      peer.close()
    }
    #expect(failed == nil)
  }

  @Test("A broken connection is opened once more") func again() throws {
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

  @Test("A device without an id cannot be unplugged") func anonymous() throws {
    let failed = try unplug(Hostdev(address: pci("0000:03:00.0"), alias: nil, isManaged: false)) { _, _ in }
    #expect(failed?.kind == .refused && failed?.message != nil)
  }
}
