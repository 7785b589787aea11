import HostModel
import Planning
import TestSupport
import Testing

@Suite("The driver of a NIC")
struct BindingTests {
  private let lan = "name: lan, select: {address: '0000:03:00.0'}"

  @Test("an unclaimed NIC is bound to its native driver")
  func unclaimed() throws {
    let plan = plan(host(lan), on: state([nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")]))
    #expect(plan.binding("03:00.0") == "vfio-pci → igb")
    let step = try #require(plan.steps.first)
    #expect(step.reason == .unclaimed && step.nic == "lan" && step.guest == nil && step.disturbs == .nothing)
    #expect(step.origin == "t.yaml:5:40")
  }

  @Test("a reserved NIC is bound to the passthrough driver")
  func reserved() {
    let plan = plan(host(lan + ", reserve: true"), on: state([nic("03:00.0")]))
    #expect(plan.binding("03:00.0") == "igb → vfio-pci")
    #expect(plan.steps.map(\.reason) == [.reserved])
    #expect(plan.steps.first?.because.names("lan") == true)
  }

  @Test("a claimed NIC is bound to the passthrough driver at apply, though its guest is off")
  func claimed() {
    let plan = plan(
      host(lan), guest("winxp", "name: net0, from: lan"), on: state([nic("03:00.0")], libvirt: [off("winxp")])
    )
    #expect(plan.binding("03:00.0") == "igb → vfio-pci")
    #expect(plan.step("bind/0000:03:00.0")?.reason == .claimed)
    #expect(plan.step("bind/0000:03:00.0")?.because.names("winxp", "lan") == true)
  }

  @Test(
    "a NIC whose driver is in sync needs no step",
    arguments: [
      ("", nic("03:00.0")), (", reserve: true", nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")),
      (", reserve: true", nic("03:00.0", driver: "vfio-pci")),
      (", reserve: true, driver: pci-stub", nic("03:00.0", driver: "pci-stub", override: "pci-stub")),
    ])
  func atGoal(nics: String, function: PCIFunction) {
    let plan = plan(host(lan + nics), on: state([function]))
    #expect(plan.isEmpty && plan.codes == [] && plan.notices == [])
  }

  @Test("a leftover override is cleared, and the driver stays")
  func leftover() {
    let plan = plan(host(lan), on: state([nic("03:00.0", override: "vfio-pci")]))
    #expect(plan.binding("03:00.0") == "igb (override vfio-pci) → igb")
    #expect(plan.codes == [])
  }

  @Test("an override that names another driver is replaced on a reserved NIC")
  func wrongOverride() {
    let plan = plan(
      host(lan + ", reserve: true"), on: state([nic("03:00.0", driver: "vfio-pci", override: "pci-stub")]))
    #expect(plan.binding("03:00.0") == "vfio-pci (override pci-stub) → vfio-pci")
  }

  @Test("pci-stub is declared for the host or for one NIC, and the NIC's driver takes precedence")
  func pciStub() {
    let state = state([nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")])
    let ofNIC = plan(host(lan + ", reserve: true, driver: pci-stub"), on: state)
    let ofHost = plan(host(lan + ", reserve: true", driver: "pci-stub"), on: state)
    #expect(ofNIC.binding("03:00.0") == "vfio-pci → pci-stub")
    #expect(ofHost.binding("03:00.0") == "vfio-pci → pci-stub")
    #expect(plan(host(lan + ", reserve: true, driver: vfio-pci", driver: "pci-stub"), on: state).isEmpty)
  }

  @Test("a NIC goes to its native driver, or to the kernel's choice where that is unknown")
  func driverless() {
    #expect(
      plan(host(lan), on: state([nic("03:00.0", driver: nil)])).binding("03:00.0") == "no driver → igb")
    let unknown = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci") { $0.nativeDriver = nil }
    #expect(plan(host(lan), on: state([unknown])).binding("03:00.0") == "vfio-pci → the kernel's choice")
  }

  @Test("a NIC without a driver and without a known native driver is only reported")
  func noDriverKnown() {
    let function = nic("03:00.0", driver: nil) { $0.nativeDriver = nil }
    let plan = plan(host(lan), on: state([function]))
    #expect(plan.isEmpty && plan.codes == [])
    #expect(plan.remarks.names(["driverless", "0000:03:00.0"]))
  }

  @Test("a NIC that no Host names is not in the plan")
  func notNamed() {
    let plan = plan(host(""), on: state([nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")]))
    #expect(plan.isEmpty && plan.codes == [] && plan.facts == [])
  }

  @Suite("Modules")
  struct Modules {
    @Test("a module whose driver is not registered is loaded first, once for all NICs")
    func missing() throws {
      let plan = plan(
        host(
          """
          name: lan, select: {address: '0000:03:00.0'}, reserve: true
          name: dmz, select: {address: '0000:04:00.0'}, reserve: true
          """), on: state([nic("03:00.0"), nic("04:00.0")], drivers: .known(["igb"])))
      #expect(plan.ids == ["load/vfio-pci", "bind/0000:03:00.0", "bind/0000:04:00.0"])
      #expect(plan.steps[1].after == ["load/vfio-pci"] && plan.steps[2].after == ["load/vfio-pci"])
      let load = try #require(plan.steps.first)
      #expect(
        load.action == .load(module: "vfio-pci") && load.reason == .needed && load.action.inverse == nil)
    }

    @Test("no module is loaded where the driver is registered, or where nothing is bound")
    func present() {
      let reserved = host("name: lan, select: {address: '0000:03:00.0'}, reserve: true")
      #expect(plan(reserved, on: state([nic("03:00.0")])).ids == ["bind/0000:03:00.0"])
      let bound = state([nic("03:00.0", driver: "vfio-pci")], drivers: .known(["igb"]))
      #expect(plan(reserved, on: bound).isEmpty)
    }

    @Test("the module of a native driver that is not registered is loaded, too")
    func nativeDriver() {
      let state = state(
        [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")], drivers: .known(["vfio-pci"]))
      let plan = plan(host("name: lan, select: {address: '0000:03:00.0'}"), on: state)
      #expect(plan.ids == ["load/igb", "bind/0000:03:00.0"])
    }

    @Test("no module is loaded where the registered drivers are unknown")
    func unknown() {
      let state = state([nic("03:00.0")], drivers: .unavailable("no /sys/bus/pci/drivers"))
      let plan = plan(host("name: lan, select: {address: '0000:03:00.0'}, reserve: true"), on: state)
      #expect(plan.ids == ["bind/0000:03:00.0"])
    }
  }
}
