import Documents
import HostModel
import Manifests
import Planning
import TestSupport
import Testing

/// Returns a NIC for which the kernel recommends this variant.
private func nic(
  _ short: String = "03:00.0", on driver: String?, variant: String? = "mlx5_vfio_pci",
  holders: Observed<[Holder]> = .known([])
) -> PCIFunction {
  TestSupport.nic(
    short, driver: driver, override: driver.flatMap { Drivers.isPassthrough($0) ? $0 : nil }, holders: holders
  ) { $0.variantDriver = variant }
}

private func device(_ model: String, managed: Bool = true) -> Hostdev {
  Hostdev(
    address: pci("03:00.0"), alias: "ua-pcipass-net0", isManaged: managed, driver: model,
    element: "<hostdev type='pci'><driver model='\(model)'/><source><address bus='3'/></source></hostdev>")
}

@Suite("Variants of vfio-pci")
struct VariantDriverTests {
  private static let drivers = Observed.known(["igb", "mlx5_vfio_pci", "pci-stub", "pcieport", "vfio-pci"])
  private let winxp = guest("winxp", "name: net0, from: lan")

  private func host(_ more: String = "", driver: String? = nil) -> String {
    TestSupport.host("name: lan, select: {address: '0000:03:00.0'}\(more)", driver: driver)
  }

  private func state(
    _ function: PCIFunction, _ guests: [GuestState] = [off("winxp")],
    drivers: Observed<[String]> = drivers
  ) -> HostState {
    TestSupport.state([function], libvirt: guests, drivers: drivers)
  }

  @Test(
    "are passthrough drivers, and not another tool's",
    arguments: [
      "mlx5_vfio_pci", "pds_vfio_pci", "virtio_vfio_pci", "hisi-acc-vfio-pci", "nvgrace_gpu_vfio_pci",
    ])
  func names(driver: String) {
    #expect(Drivers.isPassthrough(driver) && Drivers.isVFIOVariant(driver) && Drivers.isVFIO(driver))
    #expect(!Drivers.isForeign(driver) && !Drivers.isNative(driver))
    let state = state(nic(on: driver))
    let reserved = plan(host(", reserve: true"), on: state)
    #expect(reserved.isEmpty && reserved.codes == [])
    let released = plan(host(), on: state)
    #expect(released.binding("03:00.0") == "\(driver) → igb" && released.codes == [])
  }

  @Test(
    "do not include vfio-pci and pci-stub",
    arguments: ["vfio-pci", "vfio_pci", "pci-stub", "igb", "avfio_pci"])
  func others(driver: String) { #expect(!Drivers.isVFIOVariant(driver)) }

  @Test("stay bound where no driver is declared, and other drivers are replaced by vfio-pci")
  func unsaid() {
    for driver in ["vfio-pci", "mlx5_vfio_pci", "pds_vfio_pci"] {
      #expect(plan(host(", reserve: true"), on: state(nic(on: driver))).isEmpty)
    }
    for driver in ["igb", "pci-stub", nil] {
      #expect(
        plan(host(", reserve: true"), on: state(nic(on: driver))).binding("03:00.0")
          == "\(driver ?? "no driver") → vfio-pci")
    }
  }

  @Test(
    "are bound or replaced where the manifest names another driver",
    arguments: [
      ("vfio-pci", "mlx5_vfio_pci"), ("mlx5_vfio_pci", "vfio-pci"), ("pds_vfio_pci", "mlx5_vfio_pci"),
    ]
  )
  func exact(name: String, found: String) {
    let ofNIC = plan(host(", reserve: true, driver: \(name)"), on: state(nic(on: found)))
    let ofHost = plan(host(", reserve: true", driver: name), on: state(nic(on: found)))
    for plan in [ofNIC, ofHost] {
      #expect(plan.binding("03:00.0") == "\(found) → \(name)" && plan.codes == [])
    }
    #expect(plan(host(", reserve: true, driver: \(name)"), on: state(nic(on: name))).isEmpty)
  }

  @Test("are spelled as the kernel spells them, where the host shows it")
  func spelling() {
    let known = state(nic(on: "vfio-pci", variant: "mlx5_vfio_pci"), drivers: .known(["vfio-pci"]))
    let loaded = state(nic(on: "vfio-pci", variant: nil), drivers: .known(["pds-vfio-pci", "vfio-pci"]))
    let unknown = state(nic(on: "vfio-pci", variant: nil), drivers: .known(["vfio-pci"]))
    func binding(_ name: String, _ state: HostState) -> String? {
      plan(host(", reserve: true, driver: \(name)"), on: state).binding("03:00.0")
    }
    #expect(binding("mlx5-vfio-pci", known) == "vfio-pci → mlx5_vfio_pci")
    #expect(binding("pds_vfio_pci", loaded) == "vfio-pci → pds-vfio-pci")
    #expect(binding("hisi-acc-vfio-pci", unknown) == "vfio-pci → hisi_acc_vfio_pci")
    #expect(plan(host(", reserve: true, driver: mlx5-vfio-pci"), on: state(nic(on: "mlx5_vfio_pci"))).isEmpty)
  }

  @Test("are bound with driver: auto where the kernel recommends one, else vfio-pci is bound")
  func auto() {
    func binding(_ function: PCIFunction) -> String? {
      plan(host(", reserve: true, driver: auto"), on: state(function)).binding("03:00.0")
    }
    #expect(binding(nic(on: "igb")) == "igb → mlx5_vfio_pci")
    #expect(binding(nic(on: "vfio-pci")) == "vfio-pci → mlx5_vfio_pci")
    #expect(binding(nic(on: "igb", variant: nil)) == "igb → vfio-pci")
    #expect(binding(nic(on: "mlx5_vfio_pci")) == nil)
    // Snapshots of older versions do not record the variant: the bound driver stays.
    #expect(binding(nic(on: "mlx5_vfio_pci", variant: nil)) == nil)
  }

  @Test("have their module loaded first where the driver is not registered")
  func module() {
    let plan = plan(
      host(", reserve: true, driver: auto"), on: state(nic(on: "igb"), drivers: .known(["igb", "vfio-pci"])))
    #expect(plan.ids == ["load/mlx5_vfio_pci", "bind/0000:03:00.0"])
    #expect(plan.before("bind/0000:03:00.0") == ["load/mlx5_vfio_pci"])
  }

  @Test(
    "stay bound while a running guest has the NIC, whatever driver is declared",
    arguments: [nil, "auto", "vfio-pci", "pds_vfio_pci"])
  func running(driver: String?) {
    let plan = plan(
      host(driver: driver), winxp,
      on: state(
        nic(on: "mlx5_vfio_pci", holders: .known([qemu])),
        [TestSupport.running("winxp", [marked("03:00.0", "net0")])]))
    #expect(plan.isEmpty && plan.codes == [])
  }

  @Test("need no bind and no module before a hot-plug")
  func plugged() {
    let plan = plan(
      host(), winxp,
      on: state(nic(on: "mlx5_vfio_pci"), [TestSupport.running("winxp")], drivers: .known(["mlx5_vfio_pci"])))
    #expect(plan.ids == ["attach/winxp/net0/persistent", "attach/winxp/net0/live"] && plan.codes == [])
  }

  @Test("need no bind before a hot-plug into a QEMU without libvirt")
  func qemuGuest() {
    let plan = plan(
      host(), guest("web", "name: net0, from: lan", "qemu: {qmp: /run/web.sock}"),
      on: TestSupport.state(
        [nic(on: "mlx5_vfio_pci")], qemu: [runningQEMU("/run/web.sock")], drivers: Self.drivers))
    #expect(plan.ids == ["attach/web/net0/live"] && plan.codes == [])
  }

  @Suite("named by a definition")
  struct Model {
    private let suite = VariantDriverTests()

    private func plan(
      _ driver: String?, from found: String = "vfio-pci", _ model: String = "mlx5_vfio_pci",
      managed: Bool = true
    ) -> Plan {
      TestSupport.plan(
        suite.host(driver: driver),
        guest("winxp", "name: net0, from: lan\(managed ? "" : ", managed: false")"),
        on: suite.state(nic(on: found, variant: nil), [off("winxp", [device(model, managed: managed)])]))
    }

    @Test("are bound where the manifest leaves the driver open", arguments: [nil, "auto"])
    func goal(driver: String?) {
      #expect(plan(driver).binding("03:00.0") == "vfio-pci → mlx5_vfio_pci")
      #expect(plan(driver, from: "igb", managed: false).binding("03:00.0") == "igb → mlx5_vfio_pci")
      #expect(plan(driver, from: "mlx5_vfio_pci").isEmpty)
      // A definition that names vfio-pci replaces a variant as well.
      #expect(
        plan(driver, from: "mlx5_vfio_pci", "vfio-pci").binding("03:00.0") == "mlx5_vfio_pci → vfio-pci")
    }

    @Test(
      "are refused where the manifest names another driver, with that name's location",
      arguments: ["vfio-pci", "pds_vfio_pci"])
    func contradiction(driver: String) {
      let plan = plan(driver)
      #expect(plan.codes == [.unsupported] && plan.ids == [])
      #expect(plan.refusals.first?.origin == "t.yaml:5:16")
    }

    @Test("may be spelled as a module in the manifest")
    func agreement() {
      #expect(plan("mlx5-vfio-pci", from: "mlx5_vfio_pci").isEmpty)
      #expect(plan("vfio-pci", "vfio-pci").isEmpty)
    }

    @Test("do not replace pci-stub, from which libvirt binds the NIC")
    func stub() { #expect(plan("pci-stub", from: "pci-stub").isEmpty) }
  }

  @Test("have one notice where libvirt would choose one and the plan does not")
  func noted() {
    func codes(_ more: String, on driver: String = "igb", _ claim: String = "") -> [Notice.Code] {
      plan(
        host(more), guest("winxp", "name: net0, from: lan\(claim)"), on: state(nic(on: driver))
      ).notices.map(\.code)
    }
    #expect(codes("") == [.variant] && codes(", driver: vfio-pci") == [.variant])
    #expect(codes("", on: "vfio-pci") == [.variant])
    #expect(codes(", driver: auto") == [] && codes(", driver: mlx5_vfio_pci") == [])
    #expect(codes("", on: "mlx5_vfio_pci") == [])
    #expect(codes("", ", managed: false") == [])
  }

  @Test("are unbound from an idle VF, as vfio-pci is")
  func idle() {
    for driver in ["vfio-pci", "mlx5_vfio_pci"] {
      let functions = pool(count: 1, eachVF: { ($0.driver, $0.driverOverride) = (driver, driver) })
      let state = TestSupport.state(functions, libvirt: [], drivers: Self.drivers)
      let plan = plan(poolHost(1), on: state)
      #expect(
        plan.binding("03:10.0") == "\(driver) → no driver" && plan.codes == [], "\(plan.ids) \(plan.refusals)"
      )
      #expect(Availability.all(on: state)[pci("03:10.0")] == .available)
    }
  }

  @Test("are known for a VF that the plan creates from the PF")
  func coming() {
    let functions = pool { $0.sriov?.variantDriver = "mlx5_vfio_pci" }
    let plan = plan(
      TestSupport.host(
        "name: pool, select: {address: '0000:03:00.0'}, virtualFunctions: {count: 1}, driver: auto",
        driver: nil),
      guest("winxp", "name: net0, from: pool/0"), on: TestSupport.state(functions, libvirt: [off("winxp")]))
    #expect(plan.binding("03:10.0") == "no driver → mlx5_vfio_pci" && plan.codes == [])
  }

  @Test("are named by import where a plan would not keep them otherwise")
  func imported() {
    func driver(_ state: HostState) -> String? {
      let result = Import(state, Import.Options(host: "hv01"))
      #expect(result.plan.isEmpty && result.plan.refusals == [])
      return result.host.spec.nics.first?.driver?.value.description
    }
    #expect(driver(state(nic(on: "mlx5_vfio_pci"))) == "mlx5_vfio_pci")
    let managed = TestSupport.running("winxp", [marked("03:00.0", "net0")])
    #expect(driver(state(nic(on: "mlx5_vfio_pci", holders: .known([qemu])), [managed])) == nil)
    #expect(driver(state(nic(on: "vfio-pci"))) == nil)
  }

  @Test("have their module loaded by a rollback that binds one")
  func back() {
    let before = state(nic(on: "mlx5_vfio_pci"), drivers: .known(["igb", "mlx5_vfio_pci"]))
    let forward = plan(host(), on: before)
    #expect(forward.binding("03:00.0") == "mlx5_vfio_pci → igb")
    // The host was rebooted since.
    let after = state(nic(on: "igb"), drivers: .known(["igb"]))
    let back = Planner.rollback(of: forward, on: after)
    #expect(back.ids.first == "load/mlx5_vfio_pci" && back.refusals == [])
  }
}
