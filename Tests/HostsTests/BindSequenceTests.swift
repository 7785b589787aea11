import HostModel
import Planning
import TestSupport
import Testing

@testable import Hosts

/// One kind of card on a kernel that is written to and keeps a list of it.
private struct RecordedFiles: DriverFiles {
  static let id = PCIID(vendor: 0x8086, device: 0x10c9)

  var driver: String?
  var override: String?
  var isWithOverrides = true
  var others: [PCIAddress] = []
  var held: Observed<[Holder]> = .known([])
  /// The drivers that have been told the id.
  var ids: Set<String> = []
  var failing: Set<String> = []
  var writes: [String] = []

  private mutating func write(_ words: String) throws(HostFailure) {
    writes.append(words)
    guard !failing.contains(where: { words.hasPrefix($0) }) else {
      throw HostFailure(.refused, "\(words): Input/output error")
    }
  }

  func binding(of address: PCIAddress) throws(HostFailure) -> Binding {
    Binding(driver: driver, override: override)
  }
  func holders(of addresses: [PCIAddress]) -> [PCIAddress: Observed<[Holder]>] {
    Dictionary(addresses.map { ($0, held) }, uniquingKeysWith: { one, _ in one })
  }
  func hasOverride(_ address: PCIAddress) throws(HostFailure) -> Bool { isWithOverrides }

  mutating func setOverride(_ driver: String?, of address: PCIAddress) throws(HostFailure) {
    try write("override \(driver ?? "none")")
    override = driver
  }

  mutating func unbind(_ address: PCIAddress) throws(HostFailure) {
    try write("unbind \(driver ?? "none")")
    driver = nil
  }

  mutating func probe(_ address: PCIAddress) throws(HostFailure) {
    try write("probe")
    driver = override ?? "igb"
  }

  func id(of address: PCIAddress) throws(HostFailure) -> PCIID { Self.id }
  func unboundFunctions(_ id: PCIID) throws(HostFailure) -> [PCIAddress] {
    others + (driver == nil ? [pci("0000:03:00.0")] : [])
  }

  mutating func addID(_ id: PCIID, to driver: String) throws(HostFailure) -> Bool {
    try write("new_id \(driver) \(id)")
    guard ids.insert(driver).inserted else { return false }
    if self.driver == nil { self.driver = driver }
    return true
  }

  mutating func removeID(_ id: PCIID, from driver: String) throws(HostFailure) {
    try write("remove_id \(driver) \(id)")
    ids.remove(driver)
  }

  mutating func bind(_ address: PCIAddress, by driver: String) throws(HostFailure) {
    try write("bind \(driver)")
    self.driver = driver
  }
}

@Suite("The order of writes that binds a function")
struct BindSequenceTests {
  private let vfio = Binding(driver: "vfio-pci", override: "vfio-pci")
  private let byNewID = Binding(driver: "vfio-pci", override: nil, isByNewID: true)
  private let igb = Binding(driver: "igb", override: nil)

  private func writes(_ files: RecordedFiles, to goal: Binding) throws -> [String] {
    var files = files
    try files.bind(pci("0000:03:00.0"), to: goal)
    return files.writes
  }

  private func failure(_ files: inout RecordedFiles, to goal: Binding) -> HostFailure? {
    do throws(HostFailure) { try files.bind(pci("0000:03:00.0"), to: goal) } catch { return error }
    return nil
  }

  @Test("by an override: it stands before the old driver lets go")
  func override() throws {
    #expect(
      try writes(RecordedFiles(driver: "igb"), to: vfio)
        == ["override vfio-pci", "unbind igb", "probe"])
    #expect(try writes(RecordedFiles(driver: nil), to: vfio) == ["override vfio-pci", "probe"])
    #expect(
      try writes(RecordedFiles(driver: "vfio-pci", override: "vfio-pci"), to: igb)
        == ["override igb", "unbind vfio-pci", "probe", "override none"])
  }

  @Test("to no driver: nothing is probed")
  func toNone() throws {
    #expect(
      try writes(
        RecordedFiles(driver: "vfio-pci", override: "vfio-pci"), to: Binding(driver: nil, override: nil))
        == ["override none", "unbind vfio-pci"])
  }

  @Test("where the driver is right already, the override alone is written, or nothing")
  func stays() throws {
    #expect(try writes(RecordedFiles(driver: "vfio-pci"), to: vfio) == ["override vfio-pci"])
    #expect(try writes(RecordedFiles(driver: "igb"), to: igb) == [])
    #expect(try writes(RecordedFiles(driver: "vfio-pci"), to: byNewID) == [])
  }

  @Test("by new_id: the id is there only as long as it takes")
  func newID() throws {
    #expect(
      try writes(RecordedFiles(driver: "igb"), to: byNewID)
        == ["new_id vfio-pci 8086:10c9", "unbind igb", "bind vfio-pci", "remove_id vfio-pci 8086:10c9"])
  }

  @Test("by new_id: a card without a driver is taken at once, and not bound a second time")
  func newIDDriverless() throws {
    #expect(
      try writes(RecordedFiles(driver: nil), to: byNewID)
        == ["new_id vfio-pci 8086:10c9", "remove_id vfio-pci 8086:10c9"])
  }

  @Test("by new_id: an override is cleared first, as it would keep the driver out")
  func newIDOverride() throws {
    #expect(
      try writes(RecordedFiles(driver: "igb", override: "igb"), to: byNewID)
        == [
          "override none", "new_id vfio-pci 8086:10c9", "unbind igb", "bind vfio-pci",
          "remove_id vfio-pci 8086:10c9",
        ])
  }

  @Test("by new_id: an id that the driver had already stays with it")
  func newIDKnown() throws {
    #expect(
      try writes(RecordedFiles(driver: "igb", ids: ["vfio-pci"]), to: byNewID)
        == ["new_id vfio-pci 8086:10c9", "unbind igb", "bind vfio-pci"])
  }

  @Test("by new_id: whatever goes wrong, the id is taken away again", arguments: ["unbind", "bind"])
  func newIDFails(what: String) {
    var files = RecordedFiles(driver: "igb", failing: [what])
    let failure = failure(&files, to: byNewID)
    #expect(files.writes.last == "remove_id vfio-pci 8086:10c9" && files.ids.isEmpty)
    #expect(failure?.message.names(what, "\(what == "bind" ? "vfio-pci" : "igb")", "Input/output") == true)
  }

  @Test("by new_id: an id that cannot be taken away is said, after what went wrong before")
  func newIDStays() {
    var files = RecordedFiles(driver: "igb", failing: ["unbind", "remove_id"])
    #expect(
      failure(&files, to: byNewID)?.message.names("igb", "Input/output", "8086:10c9", "vfio-pci", "remove_id")
        == true)
    files = RecordedFiles(driver: "igb", failing: ["remove_id"])
    #expect(
      failure(&files, to: byNewID)?.message.names("remove_id", "vfio-pci", "8086:10c9", "Input/output")
        == true)
  }

  @Test("by new_id: an id that is not taken changes nothing else")
  func newIDRefused() {
    var files = RecordedFiles(driver: "igb", failing: ["new_id"])
    #expect(failure(&files, to: byNewID)?.kind == .refused)
    #expect(files.writes == ["new_id vfio-pci 8086:10c9"] && files.driver == "igb")
  }

  @Test("by new_id: a second card of the kind without a driver is refused before any write")
  func newIDOther() {
    var files = RecordedFiles(driver: "igb", override: "igb", others: [pci("0000:04:00.0")])
    let failure = failure(&files, to: byNewID)
    #expect(files.writes == [])
    #expect(failure?.message.names("0000:04:00.0", "8086:10c9", "new_id", "vfio-pci") == true)
  }

  @Test("a kernel without overrides: refused before any write, with the flag that helps")
  func withoutOverride() {
    var files = RecordedFiles(driver: "igb", isWithOverrides: false)
    let failure = failure(&files, to: vfio)
    #expect(failure?.kind == .unsupported && failure?.help?.contains("--legacy-new-id") ?? false)
    #expect(files.writes == [])
  }

  @Test("a kernel without overrides: by new_id there, and by bind to the driver that knows it back")
  func withoutOverrideByNewID() throws {
    #expect(
      try writes(RecordedFiles(driver: "igb", isWithOverrides: false), to: byNewID)
        == ["new_id vfio-pci 8086:10c9", "unbind igb", "bind vfio-pci", "remove_id vfio-pci 8086:10c9"])
    #expect(
      try writes(RecordedFiles(driver: "vfio-pci", isWithOverrides: false), to: igb)
        == ["unbind vfio-pci", "bind igb"])
    #expect(
      try writes(
        RecordedFiles(driver: "vfio-pci", isWithOverrides: false),
        to: Binding(driver: nil, override: nil, isChosenByKernel: true)) == ["unbind vfio-pci", "probe"])
    #expect(
      try writes(
        RecordedFiles(driver: "vfio-pci", isWithOverrides: false), to: Binding(driver: nil, override: nil))
        == ["unbind vfio-pci"])
  }

  @Test("what a process holds, or may hold, is not touched", arguments: [true, false])
  func held(isKnown: Bool) {
    let holders: Observed<[Holder]> =
      isKnown ? .known([Holder(process: 7, command: "qemu")]) : .unavailable("not root")
    for goal in [igb, Binding(driver: "pci-stub", override: nil, isByNewID: true)] {
      // One of a variant of vfio-pci's for single devices, too; without a driver it may be waited for still.
      for driver in ["vfio-pci", "mlx5_vfio_pci", nil] {
        var files = RecordedFiles(driver: driver, override: "vfio-pci", held: holders)
        #expect(failure(&files, to: goal)?.kind == (isKnown ? .inUse : .unreadable))
        #expect(files.writes == [])
      }
    }
    // A guest may have its group open by another function.
    var files = RecordedFiles(driver: nil, held: holders)
    #expect(failure(&files, to: Binding(driver: "vfio-pci", override: "vfio-pci")) == nil)
  }
}
