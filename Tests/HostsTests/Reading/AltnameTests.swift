import Documents
import HostModel
import Hosts
import Testing

@Suite struct `Alternative names of interfaces` {
  let names = ["enp3s0f0", "lan-uplink.with:a;name%longer-than-fifteen"]

  func tree(_ altnames: String) throws -> SysfsTree {
    let tree = try SysfsTree()
    try tree.interface("eth0", of: tree.function("0000:03:00.0", driver: "igb"))
    try tree.write(
      "ip-address.json", "[{\"ifname\": \"eth0\", \"altnames\": \(altnames), \"addr_info\": []}]")
    return tree
  }

  func function(_ altnames: String) throws -> PCIFunction {
    let function = try tree(altnames).readFunction("0000:03:00.0")
    #expect(function.unreadable == [])
    return function
  }

  var printed: String { "[\"" + names.joined(separator: "\", \"") + "\"]" }

  @Test func `are read from the output of ip`() throws {
    let function = try function(printed)
    #expect(function.interfaces.map(\.altnames) == [names])
    #expect(function.interfaceNames == ["eth0"])
    #expect(function.interfaceNamesAndAltnames == ["eth0"] + names)
  }

  @Test(arguments: [
    "[]", "null", "{}", "\"x\"", "[\"\"]", "[\".\", \"..\"]", "[\"a/b\"]", "[\"a b\", {}, [], null]",
    "[\"\\u001b[2J\"]", "[\"brücke\"]", "[\"\(String(repeating: "x", count: 128))\"]",
  ])
  func `that are not valid are left out`(_ altnames: String) throws {
    #expect(try function(altnames).interfaces.map(\.altnames) == [[]])
  }

  @Test func `may have 127 characters`() throws {
    let name = String(repeating: "x", count: 127)
    #expect(try function("[\"\(name)\"]").interfaces.map(\.altnames) == [[name]])
  }

  @Test func `are remembered while the NIC has no interface`() throws {
    let store = IdentityStore().remembering(try tree(printed).read().state)
    let tree = try SysfsTree()
    try tree.function("0000:03:00.0", driver: "vfio-pci")
    let function = try tree.readFunction("0000:03:00.0", identities: store)
    #expect(function.remembered?.altnames == names)
    #expect(function.interfaceNames == ["eth0"])
    #expect(function.interfaceNamesAndAltnames == ["eth0"] + names)
    #expect(store.remembering(try tree.read().state) == store)
    try store.save(to: tree.root + "/state")
    #expect(try IdentityStore.load(from: tree.root + "/state") == store)
  }

  @Test func `that were removed are not remembered, unless the interface could not be read`() throws {
    let store = IdentityStore().remembering(try tree(printed).read().state)
    #expect(store.entries.map(\.altnames) == [names])
    let unread = try tree("[]")
    unread.remove("ip-address.json")
    #expect(store.remembering(try unread.read().state).entries.map(\.altnames) == [names])
    #expect(store.remembering(try tree("[]").read().state).entries.map(\.altnames) == [[]])
  }

  @Test func `in another namespace are not names of the host`() throws {
    var state = try tree(printed).read().state
    state.functions[0].interfaces[0].namespace = "pod1"
    #expect(state.functions[0].interfaceNamesAndAltnames == [])
    #expect(IdentityStore().remembering(state).entries.map(\.altnames) == [[]])
  }

  @Test func `are not in an identity file of an earlier version`() throws {
    let tree = try SysfsTree()
    try tree.write(
      "state/identities.json",
      """
      {"apiVersion": "pcipass/v1", "kind": "Identities", "entries": [
        {"address": "0000:03:00.0", "id": "8086:10c9", "interface": "eth0", "driver": "igb"}]}
      """)
    #expect(try IdentityStore.load(from: tree.root + "/state").entries.map(\.altnames) == [[]])
  }

  @Test(arguments: ["[\"a/b\"]", "[1.5]", "\"x\"", "[\"\\u001b[2J\"]"])
  func `that are not valid are an error in the identity file`(_ altnames: String) throws {
    let tree = try SysfsTree()
    try tree.write(
      "state/identities.json",
      """
      {"apiVersion": "pcipass/v1", "kind": "Identities", "entries": [
        {"address": "0000:03:00.0", "id": "8086:10c9", "altnames": \(altnames)}]}
      """)
    let error = try #require(throws: Diagnostics.self) {
      try IdentityStore.load(from: tree.root + "/state")
    }
    #expect(error.all.allSatisfy { $0.location?.line == 2 })
  }
}
