import Documents
import Glibc
import HostModel
import Hosts
import Testing

@Suite struct `Remembered identities of NICs` {
  static let serial: UInt64 = 0x90E2_BAFF_FF00_D1C2

  func card(_ tree: SysfsTree, _ address: String, driver: String, serial: UInt64? = serial) throws -> String {
    let path = try tree.function(address, driver: driver)
    if let serial { try tree.write(path + "/config", config([(0x100, 3, 0)], serial: serial)) }
    return path
  }

  /// Returns the store after reading a host on which the NIC had its native driver.
  func seen(serial: UInt64? = serial) throws -> IdentityStore {
    let tree = try SysfsTree()
    try tree.interface("eth0", of: try card(tree, "0000:03:00.0", driver: "igb", serial: serial))
    return IdentityStore().remembering(try tree.read().state)
  }

  let identity = RememberedIdentity(mac: MACAddress("90:e2:ba:00:d1:c2"), interface: "eth0", driver: "igb")

  @Test func `an assigned NIC keeps its identity`() throws {
    let tree = try SysfsTree()
    _ = try card(tree, "0000:03:00.0", driver: "vfio-pci")
    let function = try tree.readFunction("0000:03:00.0", identities: try seen())
    #expect(function.remembered == identity)
    #expect(function.nativeDriver == "igb")
    #expect(try seen().remembering(try tree.read().state) == seen())
  }

  @Test func `a card that moved is found by its serial number`() throws {
    let tree = try SysfsTree()
    _ = try card(tree, "0000:04:00.0", driver: "vfio-pci")
    let store = try seen()
    #expect(try tree.readFunction("0000:04:00.0", identities: store).remembered == identity)
    #expect(store.remembering(try tree.read().state).entries.map(\.address) == [PCIAddress("0000:04:00.0")])
  }

  @Test func `two cards that swapped slots keep their identities`() throws {
    let before = try SysfsTree()
    try before.interface("eth0", of: try card(before, "0000:03:00.0", driver: "igb", serial: 1))
    try before.interface("eth1", of: try card(before, "0000:04:00.0", driver: "igb", serial: 2))
    let store = IdentityStore().remembering(try before.read().state)
    let after = try SysfsTree()
    _ = try card(after, "0000:03:00.0", driver: "vfio-pci", serial: 2)
    _ = try card(after, "0000:04:00.0", driver: "vfio-pci", serial: 1)
    let state = try after.read(identities: store).state
    #expect(state.functions.map(\.remembered?.interface) == ["eth1", "eth0"])
    #expect(store.remembering(state).entries.map(\.interface) == ["eth1", "eth0"])
  }

  @Test func `another function of the card does not have the identity`() throws {
    let tree = try SysfsTree()
    _ = try card(tree, "0000:04:00.1", driver: "vfio-pci")
    #expect(try tree.readFunction("0000:04:00.1", identities: try seen()).remembered == nil)
  }

  @Test(arguments: [("8086:10C9", 7 as UInt64), ("8086:10CA", serial)])
  func `another card in the slot does not have the identity, and removes it`(_ id: String, _ serial: UInt64)
    throws
  {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0", id: id, driver: "vfio-pci")
    try tree.write(path + "/config", config([(0x100, 3, 0)], serial: serial))
    let store = try seen()
    let reading = try tree.read(identities: store)
    #expect(reading.state.functions.first?.remembered == nil)
    #expect(store.remembering(reading.state).entries == [])
  }

  @Test func `without a serial number the address and the ids identify a NIC`() throws {
    let tree = try SysfsTree()
    _ = try card(tree, "0000:03:00.0", driver: "vfio-pci", serial: nil)
    #expect(try tree.readFunction("0000:03:00.0", identities: try seen()).remembered == identity)
    // The serial number is kept.
    let kept = try seen().remembering(try tree.read().state)
    #expect(kept.entries.first?.serial == "90-e2-ba-ff-ff-00-d1-c2")
  }

  @Test func `the identity of a removed card is kept`() throws {
    let tree = try SysfsTree()
    #expect(try seen().remembering(try tree.read().state) == seen())
  }
}

@Suite struct `The file of identities` {
  let tree: SysfsTree
  let folder: String
  let store: IdentityStore

  init() throws {
    tree = try SysfsTree()
    folder = tree.root + "/state"
    let address = try #require(PCIAddress("0000:03:00.0"))
    let entry = IdentityStore.RememberedFunction(
      address: address, id: PCIID(vendor: 0x8086, device: 0x10C9), serial: "90-e2-ba-ff-ff-00-d1-c2",
      mac: MACAddress("90:e2:ba:00:d1:c2"), interface: "eth0", driver: "igb")
    store = IdentityStore(entries: [entry])
  }

  var mode: mode_t {
    var status = stat()
    return stat(folder + "/identities.json", &status) == 0 ? status.st_mode & 0o777 : 0
  }

  @Test func `what was saved is loaded, and only its owner may read it`() throws {
    try store.save(to: folder)
    try store.save(to: folder)
    #expect(try IdentityStore.load(from: folder) == store)
    #expect(mode == 0o600)
    var status = stat()
    #expect(stat(folder, &status) == 0 && status.st_mode & 0o777 == 0o700)
  }

  @Test func `a missing folder or file is an empty store`() throws {
    #expect(try IdentityStore.load(from: folder) == IdentityStore())
    try tree.folder("state")
    #expect(try IdentityStore.load(from: folder) == IdentityStore())
  }

  @Test(arguments: [
    "", "{", "[]", "{\"apiVersion\": \"pcipass/v2\", \"kind\": \"Identities\", \"entries\": []}",
    "{\"apiVersion\": \"pcipass/v1\", \"kind\": \"Identities\", \"entries\": [{\"address\": \"03:00.0\", \"id\": \"x\"}]}",
    "\u{0}\u{1}",
  ])
  func `an invalid file is an error with its name and a help`(_ text: String) throws {
    try tree.write("state/identities.json", text)
    let error = try #require(throws: Diagnostics.self) { try IdentityStore.load(from: folder) }
    #expect(!error.all.isEmpty)
    for found in error.all {
      #expect(found.location?.source.name == folder + "/identities.json")
      #expect(found.help != nil)
    }
  }

  @Test func `two entries for one function are an error`() throws {
    let entry = #"{"address": "0000:03:00.0", "id": "8086:10c9"}"#
    try tree.write(
      "state/identities.json",
      #"{"apiVersion": "pcipass/v1", "kind": "Identities", "entries": ["# + entry + ", " + entry + "]}")
    let error = try #require(throws: Diagnostics.self) { try IdentityStore.load(from: folder) }
    #expect(error.all.map(\.code) == ["duplicate"])
  }

  @Test func `a link in the file's place is not read`() throws {
    try tree.link("state/identities.json", to: "/etc/passwd")
    let error = try #require(throws: Diagnostics.self) { try IdentityStore.load(from: folder) }
    #expect(error.all.map(\.code) == ["unreadable"])
  }

  @Test func `a folder that is a link, or that others may write into, is refused`() throws {
    try tree.folder("real")
    try tree.link("state", to: "real")
    #expect(throws: Diagnostics.self) { try store.save(to: folder) }
    tree.remove("state")
    try tree.folder("state")
    chmod(folder, 0o777)
    let error = try #require(throws: Diagnostics.self) { try store.save(to: folder) }
    #expect(error.all.map(\.code) == ["unwritable"])
  }

  @Test func `a link at the path of the temporary file is not followed`() throws {
    try tree.folder("state")
    try tree.write("victim", "mine")
    try tree.link("state/.identities.json.\(getpid())", to: "../victim")
    try store.save(to: folder)
    #expect(try IdentityStore.load(from: folder) == store)
    #expect(try Source.file(tree.root + "/victim").text == Array("mine".utf8))
  }
}
