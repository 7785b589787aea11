import Glibc
import HostModel
import TestSupport
import Testing

@testable import Hosts

@Suite("The state of a QEMU guest")
struct GuestReaderTests {
  private func read(_ transcript: Transcript) throws -> GuestState {
    let scripted = try ScriptedMonitor { _, peer in transcript.play(to: peer) }
    let state = try QEMU().guest(scripted.monitor)
    var guest = try #require(state)
    #expect(guest.name == scripted.monitor.socket && guest.persistent == nil && guest.unavailable == nil)
    guest.name = "guest"
    return guest
  }

  private func read(recorded name: String) throws -> GuestState { try read(Transcript(recorded: name)) }

  private static func status(_ status: String) -> String {
    #"{"status": "\#(status)", "running": \#(status == "running")}"#
  }

  /// The answers of QEMU 1.2, which has only `pci-assign`: no machine type, and no folder for
  /// devices without an id while there is no such device.
  private static let old = Transcript(
    """
    query-status
    {"status": "running", "singlestep": false, "running": true}
    qom-list path=/machine
    [{"name": "i440fx", "type": "child<i440FX-pcihost>"}, {"name": "type", "type": "string"}]
    qom-get path=/machine property=type
    "container"
    qom-list path=/machine/peripheral
    [{"name": "nic", "type": "child<kvm-pci-assign>"}, {"name": "type", "type": "string"}]
    qom-get path=/machine/peripheral/nic property=host
    "0000:03:00.0"
    qom-get path=/machine/peripheral/nic property=sysfsdev
    ! GenericError Property '.sysfsdev' not found
    qom-get path=/machine/peripheral/nic property=parent_bus
    "/machine/i440fx/pci.0"
    query-pci
    [{"bus": 0, "devices": [{"bus": 0, "slot": 0, "function": 0, "qdev_id": ""}, {"bus": 0, "slot": 4, "function": 0, "qdev_id": "nic"}]}]
    device-list-properties typename=vfio-pci
    ! DeviceNotFound Device 'vfio-pci' not found
    device-list-properties typename=kvm-pci-assign
    [{"name": "host", "type": "pci-host-devaddr"}]
    device-list-properties typename=pci-assign
    ! DeviceNotFound Device 'pci-assign' not found
    """)

  @Test("QEMU 10, q35: devices of the command line, with or without an id, and free ports are read")
  func express() throws {
    let guest = try read(recorded: "qemu10-q35.txt")
    #expect(guest.run == .running)
    #expect(
      guest.live == [
        Hostdev(
          address: pci("0000:02:00.0"), alias: nil, isManaged: false, bus: "down1", driver: "vfio-pci"),
        Hostdev(
          address: pci("0000:03:00.0"), alias: "cli0", isManaged: false, guestAddress: pci("0000:02:00.0"),
          bus: "port2", driver: "vfio-pci"),
      ])
    // The port that is switched off and the port without an id are left out.
    #expect(
      guest.buses.filter { $0.free > 0 } == ["down0", "port7"].map { GuestState.Bus(name: $0, free: 1) })
    #expect(guest.freePorts == 2 && guest.models == ["vfio-pci"])
  }

  @Test(
    "The IOMMUFD object of a device is read by its id; an empty link is none",
    arguments: [("/objects/iommufd0", "iommufd0"), ("/machine/x", "/machine/x"), ("", nil), ("a b", nil)])
  func iommufd(link: String, name: String?) throws {
    let transcript = try Transcript(recorded: "qemu10-q35.txt")
      .with("qom-get path=/machine/peripheral/cli0 property=iommufd", "\"\(link)\"")
    #expect(try read(transcript).live?.map(\.iommufd) == [nil, name])
  }

  @Test(
    "The failover partner of a device is read by its id",
    arguments: [("net0", "net0"), ("", nil), ("a b", nil)])
  func failoverPartner(id: String, name: String?) throws {
    let transcript = try Transcript(recorded: "qemu10-q35.txt")
      .with("qom-get path=/machine/peripheral/cli0 property=failover_pair_id", "\"\(id)\"")
    #expect(try read(transcript).live?.map(\.failoverPartner) == [nil, name])
  }

  @Test("QEMU 10, i440fx: the slots of one bus are read") func conventional() throws {
    let guest = try read(recorded: "qemu10-i440fx.txt")
    #expect(guest.live?.map(\.alias) == ["pcipass-lan", "second"])
    #expect(guest.live?.map(\.guestAddress) == [pci("0000:00:05.0"), pci("0000:00:02.0")])
    #expect(guest.live?.map(\.bus) == ["pci.0", "pci.0"])
    #expect(guest.buses == [GuestState.Bus(name: "pci.0", free: 28)] && guest.freePorts == 28)
  }

  @Test("An old QEMU that has only pci-assign is read") func legacyModel() throws {
    let guest = try read(Self.old)
    #expect(guest.models == ["pci-assign"])
    #expect(
      guest.live == [
        Hostdev(
          address: pci("0000:03:00.0"), alias: "nic", isManaged: false, guestAddress: pci("0000:00:04.0"),
          bus: "pci.0", driver: "pci-assign")
      ])
    #expect(guest.freePorts == 30)
  }

  @Test(
    "A QEMU without a command that is needed is too old", arguments: ["qom-list", "query-status"])
  func tooOld(command: String) throws {
    var transcript = Self.old
    for question in transcript.answers.keys where question.hasPrefix(command) {
      transcript = transcript.with(question, nil)
    }
    let scripted = try ScriptedMonitor { [transcript] _, peer in transcript.play(to: peer) }
    let failed = failure { () throws(QEMUFailure) in try QEMU().guest(scripted.monitor) }
    #expect(failed == .missing(command: command))
  }

  @Test("Free ports are 0 on another kind of machine, and unknown without one")
  func otherMachines() throws {
    let bare = Self.old.with("qom-list path=/machine", "[]")
    #expect(try read(bare).freePorts == nil)
    #expect(
      try read(bare.with("qom-get path=/machine property=type", #""virt-10.0-machine""#)).freePorts == 0)
    let machine = #"[{"name": "q35", "type": "child<q35-pcihost>"}]"#
    #expect(try read(bare.with("qom-list path=/machine", machine)).freePorts == 0)
  }

  @Test(
    "The QEMU status gives the run state",
    arguments: [
      ("running", .running), ("paused", .paused), ("prelaunch", .paused), ("inmigrate", .paused),
      ("suspended", .paused), ("shutdown", .paused), ("io-error", .paused), ("something-new", .paused),
      ("guest-panicked", .crashed), ("internal-error", .crashed),
    ] as [(String, GuestState.RunState)]) func states(status: String, run: GuestState.RunState) throws
  {
    #expect(try read(Self.old.with("query-status", Self.status(status))).run == run)
  }

  @Test("The UUID that QEMU was started with identifies the guest")
  func uuid() throws {
    let answer = #"{"UUID": "6AD9EE0A-8a3c-4a0c-9d64-0123456789ab"}"#
    let guest = try read(Self.old.with("query-uuid", answer))
    #expect(guest.identity == .uuid("6ad9ee0a-8a3c-4a0c-9d64-0123456789ab") && guest.process == nil)
  }

  @Test(
    "Without a UUID, the process identifies the guest",
    arguments: [
      nil, "! GenericError x", "[]", #"{"UUID": "00000000-0000-0000-0000-000000000000"}"#,
      #"{"UUID": "x\u001b[2J"}"#, #"{"UUID": 7}"#,
    ])
  func process(answer: String?) throws {
    let guest = try read(Self.old.with("query-uuid", answer))
    let own = try #require(ProcessIdentity(of: Int(getpid())))
    #expect(guest.uuid == nil && guest.identity == .process(own))
    #expect(own.number == Int(getpid()) && own.start > 0)
  }

  @Test("A device that is unplugged during the reading is left out") func vanishing() throws {
    let guest = try read(
      Self.old.with("qom-get path=/machine/peripheral/nic property=host", nil)
        .with("qom-get path=/machine/peripheral/nic property=sysfsdev", nil)
        .with("qom-get path=/machine/peripheral/nic property=parent_bus", nil))
    #expect(guest.live == [])
  }

  @Test("A mediated device is left out") func mediated() throws {
    let guest = try read(
      Self.old.with("qom-get path=/machine/peripheral/nic property=host", #""ffff:ff:ff.f""#)
        .with(
          "qom-get path=/machine/peripheral/nic property=sysfsdev",
          #""/sys/bus/mdev/devices/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001""#))
    #expect(guest.live == [])
  }

  @Test(
    "An invalid answer is refused",
    arguments: [
      ("query-status", "[]"), ("query-status", #"{"status": 1}"#),
      ("qom-list path=/machine/peripheral", "{}"),
      ("qom-list path=/machine/peripheral", #"[{"name": 1, "type": "child<vfio-pci>"}]"#),
      ("qom-list path=/machine/peripheral", #"["nic"]"#),
    ]) func nonsense(question: String, answer: String) throws
  {
    let transcript = Self.old.with(question, answer)
    let scripted = try ScriptedMonitor { _, peer in transcript.play(to: peer) }
    let failed = failure { () throws(QEMUFailure) in try QEMU().guest(scripted.monitor) }
    guard case .notQMP? = failed else {
      Issue.record("\(String(describing: failed))")
      return
    }
  }

  @Test("An invalid id, bus or guest address is ignored") func hostile() throws {
    let guest = try read(
      Self.old.with(
        "qom-list path=/machine/peripheral", #"[{"name": "x\u001b[2J", "type": "child<vfio-pci>"}]"#
      )
      .with("qom-get path=/machine/peripheral/x\u{1b}[2J property=host", #""0000:03:00.0""#)
      .with("qom-get path=/machine/peripheral/x\u{1b}[2J property=parent_bus", #""/machine/a b""#)
      .with(
        "query-pci",
        #"[{"bus": 0, "devices": [{"bus": 999, "slot": -1, "function": 8, "qdev_id": "x\u001b[2J"}, {"slot": 77}]}, 1]"#
      ))
    #expect(
      guest.live == [
        Hostdev(address: pci("0000:03:00.0"), alias: nil, isManaged: false, driver: "vfio-pci")
      ])
    #expect(guest.freePorts == 32)
  }

  @Test("A QEMU that does not answer in time is given up") func hanging() throws {
    let scripted = try ScriptedMonitor { _, peer in
      peer.greet()
      peer.wait()
    }
    let qemu = QEMU(reading: .milliseconds(200))
    let failed = failure { () throws(QEMUFailure) in try qemu.guest(scripted.monitor) }
    #expect(failed == .noAnswer(after: .milliseconds(200)))
  }

  @Test("A broken connection is opened once more; a QEMU that has ended does not run")
  func breaking()
    throws
  {
    let scripted = try ScriptedMonitor { number, peer in
      if number > 0 { Self.old.play(to: peer) }
    }
    #expect(try QEMU().guest(scripted.monitor)?.run == .running)
    let ending = try ScriptedMonitor { _, peer in
      peer.greet()
      peer.endListening()
    }
    #expect(try QEMU().guest(ending.monitor) == nil)
    let breaking = try ScriptedMonitor { _, _ in }
    let failed = failure { () throws(QEMUFailure) in try QEMU().guest(breaking.monitor) }
    #expect(failed == .lost)
  }
}
