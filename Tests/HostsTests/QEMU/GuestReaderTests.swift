import Glibc
import HostModel
import TestSupport
import Testing

@testable import Hosts

@Suite("What a QEMU's guest has")
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

  /// As QEMU 1.2 answers, which has only `pci-assign`: no type of machine, no folder for what has no id before
  /// there is something in it.
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

  @Test("QEMU 10, q35: devices of the command line, with an id and without, and the ports that are free")
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
    // Not the one that is switched off, nor the one that has no id.
    #expect(
      guest.buses.filter { $0.free > 0 } == ["down0", "port7"].map { GuestState.Bus(name: $0, free: 1) })
    #expect(guest.freePorts == 2 && guest.models == ["vfio-pci"])
  }

  @Test(
    "the IOMMUFD object by which it has a device, by its id; an empty link is none",
    arguments: [("/objects/iommufd0", "iommufd0"), ("/machine/x", "/machine/x"), ("", nil), ("a b", nil)])
  func iommufd(link: String, name: String?) throws {
    let transcript = try Transcript(recorded: "qemu10-q35.txt")
      .with("qom-get path=/machine/peripheral/cli0 property=iommufd", "\"\(link)\"")
    #expect(try read(transcript).live?.map(\.iommufd) == [nil, name])
  }

  @Test(
    "the device that takes over while it is away, by its id",
    arguments: [("net0", "net0"), ("", nil), ("a b", nil)])
  func failoverPartner(id: String, name: String?) throws {
    let transcript = try Transcript(recorded: "qemu10-q35.txt")
      .with("qom-get path=/machine/peripheral/cli0 property=failover_pair_id", "\"\(id)\"")
    #expect(try read(transcript).live?.map(\.failoverPartner) == [nil, name])
  }

  @Test("QEMU 10, i440fx: one bus of many slots") func conventional() throws {
    let guest = try read(recorded: "qemu10-i440fx.txt")
    #expect(guest.live?.map(\.alias) == ["pcipass-lan", "second"])
    #expect(guest.live?.map(\.guestAddress) == [pci("0000:00:05.0"), pci("0000:00:02.0")])
    #expect(guest.live?.map(\.bus) == ["pci.0", "pci.0"])
    #expect(guest.buses == [GuestState.Bus(name: "pci.0", free: 28)] && guest.freePorts == 28)
  }

  @Test("an old QEMU that has only pci-assign") func legacyModel() throws {
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

  @Test("a QEMU without the command that lists devices is too old", arguments: ["qom-list", "query-status"])
  func tooOld(command: String) throws {
    var transcript = Self.old
    for question in transcript.answers.keys where question.hasPrefix(command) {
      transcript = transcript.with(question, nil)
    }
    let scripted = try ScriptedMonitor { [transcript] _, peer in transcript.play(to: peer) }
    let failed = failure { () throws(QEMUFailure) in try QEMU().guest(scripted.monitor) }
    #expect(failed == .missing(command: command))
  }

  @Test("a machine of another kind: not known, but with ports") func otherMachines() throws {
    let bare = Self.old.with("qom-list path=/machine", "[]")
    #expect(try read(bare).freePorts == nil)
    #expect(
      try read(bare.with("qom-get path=/machine property=type", #""virt-10.0-machine""#)).freePorts == 0)
    let machine = #"[{"name": "q35", "type": "child<q35-pcihost>"}]"#
    #expect(try read(bare.with("qom-list path=/machine", machine)).freePorts == 0)
  }

  @Test(
    "what a guest does",
    arguments: [
      ("running", .running), ("paused", .paused), ("prelaunch", .paused), ("inmigrate", .paused),
      ("suspended", .paused), ("shutdown", .paused), ("io-error", .paused), ("something-new", .paused),
      ("guest-panicked", .crashed), ("internal-error", .crashed),
    ] as [(String, GuestState.RunState)]) func states(status: String, run: GuestState.RunState) throws
  {
    #expect(try read(Self.old.with("query-status", Self.status(status))).run == run)
  }

  @Test("the UUID that QEMU was started with tells which guest it is")
  func uuid() throws {
    let answer = #"{"UUID": "6AD9EE0A-8a3c-4a0c-9d64-0123456789ab"}"#
    let guest = try read(Self.old.with("query-uuid", answer))
    #expect(guest.identity == .uuid("6ad9ee0a-8a3c-4a0c-9d64-0123456789ab") && guest.process == nil)
  }

  @Test(
    "without one, its process does",
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

  @Test("a device that is unplugged meanwhile is left out") func vanishing() throws {
    let guest = try read(
      Self.old.with("qom-get path=/machine/peripheral/nic property=host", nil)
        .with("qom-get path=/machine/peripheral/nic property=sysfsdev", nil)
        .with("qom-get path=/machine/peripheral/nic property=parent_bus", nil))
    #expect(guest.live == [])
  }

  @Test("a mediated device is none of the host's functions") func mediated() throws {
    let guest = try read(
      Self.old.with("qom-get path=/machine/peripheral/nic property=host", #""ffff:ff:ff.f""#)
        .with(
          "qom-get path=/machine/peripheral/nic property=sysfsdev",
          #""/sys/bus/mdev/devices/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001""#))
    #expect(guest.live == [])
  }

  @Test(
    "what makes no sense is refused",
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

  @Test("what is no id, bus or place is not taken for one") func hostile() throws {
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

  @Test("a QEMU that hangs while it is asked") func hanging() throws {
    let scripted = try ScriptedMonitor { _, peer in
      peer.greet()
      peer.wait()
    }
    let qemu = QEMU(reading: .milliseconds(200))
    let failed = failure { () throws(QEMUFailure) in try qemu.guest(scripted.monitor) }
    #expect(failed == .noAnswer(after: .milliseconds(200)))
  }

  @Test("a connection that breaks is opened once more; a QEMU that has ended does not run") func breaking()
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
