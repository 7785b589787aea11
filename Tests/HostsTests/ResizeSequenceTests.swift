import HostModel
import Planning
import TestSupport
import Testing

@testable import Hosts

/// Simulates the files of a PF, and records each write.
private struct RecordedPF: VFFiles {
  static let address = pci("0000:03:00.0")

  var count: Int
  var isAutoprobed: Bool? = true
  var held: [Int: Observed<[Holder]>] = [:]
  var settings: [Int: VFSettings] = [:]
  var refusing: [String] = []
  var isTimeout = false
  var writes: [String] = []
  let reads = Counter()

  /// Counts how often all VFs were read.
  final class Counter {
    private(set) var count = 0
    func add() { count += 1 }
  }

  func virtualFunctions(of address: PCIAddress) throws(HostFailure) -> [PCIAddress] {
    (0..<count).map { pci("0000:03:10.\($0)") }
  }
  func autoprobe(of address: PCIAddress) throws(HostFailure) -> Bool? { isAutoprobed }
  func settings(ofVFsOf address: PCIAddress) throws(HostFailure) -> [Int: VFSettings] {
    reads.add()
    return Dictionary(
      (0..<max(count, 1)).map { ($0, settings[$0] ?? .initial) }, uniquingKeysWith: { one, _ in one })
  }
  func holders(of addresses: [PCIAddress]) -> [PCIAddress: Observed<[Holder]>] {
    reads.add()
    return Dictionary(
      addresses.map { ($0, held[Int($0.function)] ?? .known([])) }, uniquingKeysWith: { one, _ in one })
  }
  func interface(of address: PCIAddress) throws(HostFailure) -> String { "eth0" }
  func binding(of address: PCIAddress) throws(HostFailure) -> Binding {
    Binding(driver: "igb", override: nil)
  }

  mutating func setAutoprobe(_ isOn: Bool, of address: PCIAddress) throws(HostFailure) {
    writes.append("autoprobe \(isOn ? 1 : 0)")
    isAutoprobed = isOn
  }

  mutating func setCount(_ count: Int, of address: PCIAddress) throws(HostFailure) {
    writes.append("numvfs \(count)")
    guard !refusing.contains("numvfs \(count)") else {
      throw HostFailure(.refused, "numvfs \(count): Cannot allocate memory")
    }
    self.count = count
    settings = [:]
  }

  mutating func set(
    _ one: VFSettings, of place: VFLocation, by words: [String]
  ) throws(HostFailure) -> VFSettingProblem? {
    let words = words.joined(separator: " ")
    writes.append(words)
    if refusing.contains(where: { words.contains($0) }) {
      return VFSettingProblem(reason: "Operation not supported", isTimeout: isTimeout)
    }
    settings[place.index] = (settings[place.index] ?? .initial).with(one)
    return nil
  }
}

@Suite("The order of writes that changes VFs")
struct ResizeSequenceTests {
  private let pf = RecordedPF.address
  private let place = VFLocation(address: pci("0000:03:10.0"), physicalFunction: RecordedPF.address, index: 0)

  private func writes(_ files: RecordedPF, to goal: VFSet) throws -> [String] {
    var files = files
    try files.resize(pf, to: goal)
    return files.writes
  }

  @Test("autoprobe is written before VFs are created")
  func given() throws {
    #expect(
      try writes(RecordedPF(count: 0), to: VFSet(count: 3, autoprobe: false)) == ["autoprobe 0", "numvfs 3"])
  }

  @Test("The kernel resizes only from 0, so all VFs are deleted before others are created")
  func replaced() throws {
    #expect(
      try writes(RecordedPF(count: 2, isAutoprobed: false), to: VFSet(count: 3, autoprobe: false))
        == ["numvfs 0", "numvfs 3"])
  }

  @Test("autoprobe is restored for later VFs before all VFs are deleted")
  func takenAway() throws {
    #expect(
      try writes(RecordedPF(count: 2, isAutoprobed: false), to: VFSet(count: 0, autoprobe: true))
        == ["autoprobe 1", "numvfs 0"])
  }

  @Test("An equal number is not written, and the VFs stay")
  func equal() throws {
    #expect(try writes(RecordedPF(count: 2), to: VFSet(count: 2, autoprobe: true)) == [])
    #expect(try writes(RecordedPF(count: 2), to: VFSet(count: 2, autoprobe: false)) == ["autoprobe 0"])
  }

  @Test("autoprobe is not written on a kernel that does not have it")
  func withoutAutoprobe() throws {
    #expect(
      try writes(RecordedPF(count: 0, isAutoprobed: nil), to: VFSet(count: 1, autoprobe: nil))
        == ["numvfs 1"])
  }

  @Test("Restored VFs get the settings that they had, and no others")
  func settings() throws {
    var first = VFSettings.initial
    (first.mac, first.vlan) = (MACAddress("02:00:00:00:00:01"), VLAN(id: 7, qos: 2, proto: .ad))
    var second = VFSettings.initial
    (second.trust, second.spoofCheck, second.linkState) = (true, false, .disable)
    second.rate = VFSettings.Rate(min: 10, max: 100)
    #expect(
      try writes(
        RecordedPF(count: 1, isAutoprobed: false),
        to: VFSet(count: 3, autoprobe: false, settings: [first, .initial, second]))
        == [
          "numvfs 0", "numvfs 3", "link set dev eth0 vf 0 mac 02:00:00:00:00:01",
          "link set dev eth0 vf 0 vlan 7 qos 2 proto 802.1ad", "link set dev eth0 vf 2 trust on",
          "link set dev eth0 vf 2 spoofchk off", "link set dev eth0 vf 2 state disable",
          "link set dev eth0 vf 2 max_tx_rate 100 min_tx_rate 10",
        ])
  }

  @Test(
    "A VF that a process uses, or may use, stops the resize before any write",
    arguments: [true, false])
  func held(isKnown: Bool) {
    var files = RecordedPF(count: 2)
    files.held[1] = isKnown ? .known([Holder(process: 7, command: "qemu")]) : .unavailable("not root")
    let failure = failure { () throws(HostFailure) in
      try files.resize(pf, to: VFSet(count: 0, autoprobe: true))
    }
    #expect(failure?.kind == (isKnown ? .inUse : .unreadable))
    #expect(
      failure?.message
        == (isKnown
          ? "process 7 (qemu) has the VFIO group of 0000:03:10.1 open"
          : "whether a process uses 0000:03:10.1 is unknown: not root"))
    #expect(files.writes == [])
  }

  @Test("A resize that the kernel refuses half way is reported with the refused number")
  func halfWay() {
    var files = RecordedPF(count: 2, isAutoprobed: false, refusing: ["numvfs 3"])
    let failure = failure { () throws(HostFailure) in
      try files.resize(pf, to: VFSet(count: 3, autoprobe: false))
    }
    #expect(failure?.message.names("3") == true)
    #expect(files.count == 0)
  }

  @Test("Settings are written one by one until the driver refuses one; the help names the driver")
  func refused() {
    var files = RecordedPF(count: 1, refusing: ["state enable"])
    let goal = VFSettings(mac: MACAddress("02:00:00:00:00:01"), linkState: .enable)
    let failure = failure { () throws(HostFailure) in try files.set(goal, of: place) }
    #expect(
      files.writes == [
        "link set dev eth0 vf 0 mac 02:00:00:00:00:01", "link set dev eth0 vf 0 state enable",
      ])
    #expect(failure?.message.names("eth0", "0") == true)
    #expect(failure?.kind == .refused && failure?.help.names("igb") == true)
  }

  @Test("A setting that times out is stuck, as it may still take effect")
  func late() {
    var files = RecordedPF(count: 1, refusing: ["trust"], isTimeout: true)
    let failure = failure { () throws(HostFailure) in try files.set(VFSettings(trust: true), of: place) }
    #expect(failure?.kind == .stuck)
  }

  @Test("A value that the VF already has is not written, as a driver may refuse it")
  func already() throws {
    var files = RecordedPF(count: 1, refusing: ["state"])
    try files.set(VFSettings(vlan: VLAN(id: 7), linkState: .auto), of: place)
    #expect(files.writes == ["link set dev eth0 vf 0 vlan 7 qos 0 proto 802.1q"])
  }

  @Test("VLAN 0 is written without priority and protocol")
  func noVLAN() throws {
    var files = RecordedPF(count: 1, settings: [0: VFSettings.initial.with(VFSettings(vlan: VLAN(id: 7)))])
    try files.set(VFSettings(vlan: VLAN.none), of: place)
    #expect(files.writes == ["link set dev eth0 vf 0 vlan 0"])
  }
}
