import HostModel
import Planning
import TestSupport
import Testing

@Suite("Selection of a NIC's function")
struct SelectionTests {
  private let two = state([nic("03:00.0"), nic("03:00.1")])

  @Test(
    "every selector finds its function",
    arguments: [
      "address: '0000:03:00.1'", "mac: '90:E2:BA:03:00:01'", "interface: eth31",
      "path: 'pci0000:00/0000:00:07.0/0000:03:00.1'",
      "path: 'pci0000:00/0000:00:07.0/0000:03:00.1', mac: '90:e2:ba:03:00:01'",
    ])
  func found(selector: String) {
    let plan = plan(host("name: lan, select: {\(selector)}, reserve: true"), on: two)
    #expect(plan.codes == [])
    #expect(plan.ids == ["bind/0000:03:00.1"])
  }

  @Test("a serial number finds its function")
  func serial() {
    let state = state([nic("03:00.0"), nic("03:00.1") { $0.serial = "90-e2-ba-ff-ff-00-d1-c2" }])
    let plan = plan(host("name: lan, select: {serial: 90-E2-BA-ff-ff-00-d1-c2}, reserve: true"), on: state)
    #expect(plan.ids == ["bind/0000:03:00.1"])
  }

  @Test(
    "a NIC without an interface is found by its remembered MAC address and interface",
    arguments: ["mac: '90:e2:ba:03:00:01'", "interface: eth31"])
  func remembered(selector: String) {
    let state = state([nic("03:00.0"), nic("03:00.1", driver: "vfio-pci", override: "vfio-pci")])
    let plan = plan(host("name: lan, select: {\(selector)}"), on: state)
    #expect(plan.codes == [])
    #expect(plan.ids == ["bind/0000:03:00.1"])
  }

  @Test("remembered values are ignored where the NIC has an interface")
  func stale() {
    let state = state([
      nic("03:00.0") {
        $0.remembered = RememberedIdentity(mac: mac("90:e2:ba:00:00:99"), interface: "old", driver: "igb")
      }
    ])
    for selector in ["mac: '90:e2:ba:00:00:99'", "interface: old"] {
      #expect(plan(host("name: lan, select: {\(selector)}"), on: state).codes == [.select])
    }
  }

  @Test("a NIC is found by its permanent MAC address, and not by one that was set")
  func setAddress() {
    let state = state([nic("03:00.0") { $0.interfaces[0].mac = mac("02:00:00:00:00:01") }])
    #expect(plan(host("name: lan, select: {mac: '02:00:00:00:00:01'}"), on: state).codes == [.select])
    #expect(plan(host("name: lan, select: {mac: '90:e2:ba:03:00:00'}"), on: state).codes == [])
  }

  @Test("without a match, the refusal lists the network controllers, and nothing else")
  func none() throws {
    let state = state([
      nic("03:00.0"), nic("03:00.1", driver: "vfio-pci"),
      device("00:1f.0", class: 0x060100, driver: nil, group: 1),
    ])
    let plan = plan(host("name: lan, select: {address: '0000:09:00.0'}, reserve: true"), on: state)
    let refusal = try #require(plan.refusals.first)
    #expect(plan.codes == [.select] && plan.steps.isEmpty)
    #expect(refusal.message.names("0000:09:00.0"))
    #expect(
      refusal.details.names(
        ["0000:03:00.0", "[8086:10c9]", "eth30", "90:e2:ba:03:00:00", "igb"],
        ["0000:03:00.1", "[8086:10c9]", "eth31", "90:e2:ba:03:00:01", "vfio-pci"]))
    #expect(refusal.origin == "t.yaml:5:53")
  }

  @Test(
    "without a match, the help names only the failed conditions, with similar values",
    arguments: [
      (
        "mac: '90:e2:ba:03:00:10', interface: eth30", ["mac 90:e2:ba:03:00:10", "90:e2:ba:03:00:00"], "eth30"
      ),
      ("interface: eht31", ["interface eht31", "eth31", "address"], "eth30"),
      ("address: '0000:03:00.0', interface: eth31", ["pcipass devices"], "did you mean"),
    ])
  func help(selector: String, named: [String], other: String) throws {
    let refusal = try #require(plan(host("name: lan, select: {\(selector)}"), on: two).refusals.first)
    #expect(refusal.help.names(named))
    #expect(refusal.help?.contains(other) == false)
  }

  @Test("with several matches, the refusal lists the candidates")
  func several() throws {
    let state = state([
      nic("03:00.0") { $0.serial = "90-e2-ba-ff-ff-00-d1-c2" },
      nic("03:00.1") { $0.serial = "90-e2-ba-ff-ff-00-d1-c2" }, nic("04:00.0"),
    ])
    let plan = plan(host("name: lan, select: {serial: 90-e2-ba-ff-ff-00-d1-c2}"), on: state)
    let refusal = try #require(plan.refusals.first)
    #expect(refusal.message.names("2", "90-e2-ba-ff-ff-00-d1-c2"))
    #expect(refusal.details.map { $0.prefix(12) } == ["0000:03:00.0", "0000:03:00.1"])
    #expect(refusal.help.names("address", "path", "mac"))
  }

  @Test("of many candidates, sixteen are listed, with the number of the others")
  func many() throws {
    let state = state((0..<20).map { nic("0\($0 / 8 + 3):00.\($0 % 8)") })
    let refusal = try #require(plan(host("name: lan, select: {interface: nope}"), on: state).refusals.first)
    #expect(refusal.details.count == 17)
    #expect(refusal.details.last.names("4"))
  }

  @Test("every condition of a selector must hold")
  func allOfIt() {
    let plan = plan(host("name: lan, select: {address: '0000:03:00.0', mac: '90:e2:ba:03:00:01'}"), on: two)
    #expect(plan.refusals.map(\.message).names(["0000:03:00.0", "90:e2:ba:03:00:01"]))
  }

  @Test("of two NICs that select one function, the second is refused and names the first")
  func twice() {
    let plan = plan(
      host("name: lan, select: {address: '0000:03:00.0'}\nname: dmz, select: {interface: eth30}"), on: two)
    #expect(plan.refusals.map(\.nic) == ["dmz"])
    #expect(plan.refusals.map(\.message).names(["0000:03:00.0", "lan"]))
  }

  @Test("a function that is not a network controller is refused")
  func noNIC() {
    let state = state([device("00:1f.2", class: 0x010601, driver: "ahci", group: 1)])
    let plan = plan(host("name: lan, select: {address: '0000:00:1f.2'}, reserve: true"), on: state)
    #expect(plan.refusals.map(\.message).names(["0000:00:1f.2", "010601"]))
    #expect(plan.ids == [])
  }

  @Test("a claim of a NIC that could not be found leaves the guest as it is")
  func unresolvedClaim() {
    let state = state(
      [nic("03:00.0", driver: "vfio-pci")], libvirt: [off("winxp", [marked("03:00.0", "lan")])])
    let plan = plan(
      host("name: lan, select: {interface: nope}"), guest("winxp", "name: lan, from: lan"), on: state)
    #expect(plan.codes == [.select])
    #expect(plan.ids == [])
  }

  @Test("a function that could not be read completely is refused, with what is missing")
  func unreadable() {
    let state = state([nic("03:00.0") { $0.unreadable = ["driver_override: Input/output error"] }])
    let plan = plan(host("name: lan, select: {address: '0000:03:00.0'}, reserve: true"), on: state)
    #expect(plan.codes == [.unavailable] && plan.ids == [])
    #expect(plan.refusals.first?.details.names(["driver_override", "Input/output"]) == true)
  }

  @Suite("Expected hardware")
  struct Expectations {
    @Test(
      "other hardware is refused, with the found and the expected value",
      arguments: [
        ("id: '8086:1521'", ["8086:10c9", "8086:1521"]), ("vendor: 15b3", ["8086", "15b3"]),
        ("device: 0x1521", ["10c9", "1521"]), ("driver: ixgbe", ["igb", "ixgbe"]),
      ])
    func other(expect: String, values: [String]) {
      let plan = plan(
        host("name: lan, select: {address: '0000:03:00.0'}, expect: {\(expect)}, reserve: true"),
        on: state([nic("03:00.0")]))
      #expect(plan.refusals.map(\.message).names(["0000:03:00.0"] + values))
      #expect(plan.codes == [.expect] && plan.ids == [])
    }

    @Test("the expected hardware passes, on any driver", arguments: ["igb", "vfio-pci"])
    func asExpected(driver: String) {
      let plan = plan(
        host(
          "name: lan, select: {address: '0000:03:00.0'}, "
            + "expect: {id: '8086:10c9', vendor: 8086, device: 0x10c9, driver: igb}"),
        on: state([nic("03:00.0", driver: driver)]))
      #expect(plan.codes == [])
    }

    @Test("an unknown native driver is not the expected driver")
    func unknownDriver() {
      let plan = plan(
        host("name: lan, select: {address: '0000:03:00.0'}, expect: {driver: igb}"),
        on: state([nic("03:00.0", driver: nil) { $0.nativeDriver = nil }]))
      #expect(plan.codes == [.expect])
    }
  }
}
