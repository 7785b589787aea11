import HostModel
import Planning
import TestSupport
import Testing

@testable import Hosts

/// Simulates the driver files of one function, and records each write.
private struct RecordedFiles: DriverFiles {
  static let id = PCIID(vendor: 0x8086, device: 0x10c9)

  var driver: String?
  var override: String?
  var isWithOverrides = true
  var others: [PCIAddress] = []
  var held: Observed<[Holder]> = .known([])
  /// The drivers that have the id, by `new_id`.
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

  @Test("The override is written before the old driver is unbound")
  func override() throws {
    #expect(
      try writes(RecordedFiles(driver: "igb"), to: vfio)
        == ["override vfio-pci", "unbind igb", "probe"])
    #expect(try writes(RecordedFiles(driver: nil), to: vfio) == ["override vfio-pci", "probe"])
    #expect(
      try writes(RecordedFiles(driver: "vfio-pci", override: "vfio-pci"), to: igb)
        == ["override igb", "unbind vfio-pci", "probe", "override none"])
  }

  @Test("Unbinding without a new driver probes nothing")
  func toNone() throws {
    #expect(
      try writes(
        RecordedFiles(driver: "vfio-pci", override: "vfio-pci"), to: Binding(driver: nil, override: nil))
        == ["override none", "unbind vfio-pci"])
  }

  @Test("Where the right driver is bound, only a missing override is written")
  func stays() throws {
    #expect(try writes(RecordedFiles(driver: "vfio-pci"), to: vfio) == ["override vfio-pci"])
    #expect(try writes(RecordedFiles(driver: "igb"), to: igb) == [])
    #expect(try writes(RecordedFiles(driver: "vfio-pci"), to: byNewID) == [])
  }

  @Test("new_id: the id is removed from the driver after the bind")
  func newID() throws {
    #expect(
      try writes(RecordedFiles(driver: "igb"), to: byNewID)
        == ["new_id vfio-pci 8086:10c9", "unbind igb", "bind vfio-pci", "remove_id vfio-pci 8086:10c9"])
  }

  @Test("new_id: a function without a driver is bound at once, and not a second time")
  func newIDDriverless() throws {
    #expect(
      try writes(RecordedFiles(driver: nil), to: byNewID)
        == ["new_id vfio-pci 8086:10c9", "remove_id vfio-pci 8086:10c9"])
  }

  @Test("new_id: an override is cleared first, as it would prevent the bind")
  func newIDOverride() throws {
    #expect(
      try writes(RecordedFiles(driver: "igb", override: "igb"), to: byNewID)
        == [
          "override none", "new_id vfio-pci 8086:10c9", "unbind igb", "bind vfio-pci",
          "remove_id vfio-pci 8086:10c9",
        ])
  }

  @Test("new_id: an id that the driver already had is not removed")
  func newIDKnown() throws {
    #expect(
      try writes(RecordedFiles(driver: "igb", ids: ["vfio-pci"]), to: byNewID)
        == ["new_id vfio-pci 8086:10c9", "unbind igb", "bind vfio-pci"])
  }

  @Test("new_id: the id is removed after a failure", arguments: ["unbind", "bind"])
  func newIDFails(what: String) {
    var files = RecordedFiles(driver: "igb", failing: [what])
    let failure = failure(&files, to: byNewID)
    #expect(files.writes.last == "remove_id vfio-pci 8086:10c9" && files.ids.isEmpty)
    #expect(failure?.message.names(what, "\(what == "bind" ? "vfio-pci" : "igb")", "Input/output") == true)
  }

  @Test("new_id: a failed removal of the id is reported, after an earlier failure")
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

  @Test("new_id: nothing else is written where the id is refused")
  func newIDRefused() {
    var files = RecordedFiles(driver: "igb", failing: ["new_id"])
    #expect(failure(&files, to: byNewID)?.kind == .refused)
    #expect(files.writes == ["new_id vfio-pci 8086:10c9"] && files.driver == "igb")
  }

  @Test("new_id: a second driverless function with the id is refused before any write")
  func newIDOther() {
    var files = RecordedFiles(driver: "igb", override: "igb", others: [pci("0000:04:00.0")])
    let failure = failure(&files, to: byNewID)
    #expect(files.writes == [])
    #expect(failure?.message.names("0000:04:00.0", "8086:10c9", "new_id", "vfio-pci") == true)
  }

  @Test("Without driver_override: refused before any write, with help for --legacy-new-id")
  func withoutOverride() {
    var files = RecordedFiles(driver: "igb", isWithOverrides: false)
    let failure = failure(&files, to: vfio)
    #expect(failure?.kind == .unsupported && failure?.help?.contains("--legacy-new-id") ?? false)
    #expect(files.writes == [])
  }

  @Test("Without driver_override: bound by new_id, and by bind or a probe to the native driver")
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

  @Test("A function that a process uses, or may use, is not written to", arguments: [true, false])
  func held(isKnown: Bool) {
    let holders: Observed<[Holder]> =
      isKnown ? .known([Holder(process: 7, command: "qemu")]) : .unavailable("not root")
    for goal in [igb, Binding(driver: "pci-stub", override: nil, isByNewID: true)] {
      // A variant of vfio-pci counts as well. An unbound function may still be open in a process.
      for driver in ["vfio-pci", "mlx5_vfio_pci", nil] {
        var files = RecordedFiles(driver: driver, override: "vfio-pci", held: holders)
        #expect(failure(&files, to: goal)?.kind == (isKnown ? .inUse : .unreadable))
        #expect(files.writes == [])
      }
    }
    // A guest may have the IOMMU group open because of another function.
    var files = RecordedFiles(driver: nil, held: holders)
    #expect(failure(&files, to: Binding(driver: "vfio-pci", override: "vfio-pci")) == nil)
  }
}
