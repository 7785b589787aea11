import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("A claim of a pool")
struct AssignmentTests {
  @Test("gets a free member, the next one on another port")
  func chosen() {
    let made = plan(
      fastHost(4), guest("router", "name: a, from: fast\nname: b, from: fast"),
      on: state(ports(4), libvirt: [off("router")]))
    #expect(made.codes == [])
    #expect(made.members == ["router.a=03:10.0", "router.b=04:10.0"])
    #expect(made.reasons == [.chosen, .chosen])
  }

  @Test("gets a VF that the plan creates")
  func created() {
    let made = plan(
      fastHost(4), guest("router", "name: a, from: fast"),
      on: state(pool("03:00.0") + pool("04:00.0"), libvirt: [off("router")]))
    #expect(made.codes == [])
    #expect(made.members == ["router.a=03:10.0"])
    #expect(made.step("attach/router/a/persistent")?.after.isEmpty == false)
  }

  @Test("keeps the member that its mark names, wherever it is")
  func markedMember() {
    let made = plan(
      fastHost(4), guest("router", "name: a, from: fast"),
      on: state(ports(4), libvirt: [off("router", [marked("04:10.4", "a")])]))
    #expect(made.members == ["router.a=04:10.4"])
    #expect(made.reasons == [.defined])
    #expect(!made.ids.contains { $0.hasPrefix("attach/") || $0.hasPrefix("edit/") })
  }

  @Test("counts what the running guest has before its definition, and the difference is drift")
  func live() {
    let made = plan(
      fastHost(4), guest("router", "name: a, from: fast"),
      on: state(
        ports(4), libvirt: [running("router", [marked("04:10.4", "a")], live: [marked("03:10.2", "a")])]))
    #expect(made.members == ["router.a=03:10.2"])
    #expect(made.reasons == [.running])
    #expect(made.step("detach/router/a/persistent") != nil)
    #expect(made.step("attach/router/a/persistent") != nil)
    #expect(!made.ids.contains { $0.hasSuffix("/live") })
  }

  @Test("keeps its member under a new name, and the mark changes in place")
  func renamed() {
    let made = plan(
      fastHost(4), guest("router", "name: wan, from: fast"),
      on: state(ports(4), libvirt: [off("router", [marked("04:10.4", "a")])]))
    #expect(made.members == ["router.wan=04:10.4"])
    #expect(made.reasons == [.renamed])
    #expect(
      made.ids.filter { $0.hasPrefix("edit/") || $0.hasPrefix("attach/") }
        == ["edit/router/wan/persistent"])
  }

  @Test("exchanges its member with a claim of another pool where the names are exchanged")
  func swapped() {
    let host = """
      ---
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: hv01}
      spec:
        driver: vfio-pci
        pools:
          - {name: one, select: {address: '0000:03:00.0'}, virtualFunctions: {count: 4}}
          - {name: two, select: {address: '0000:04:00.0'}, virtualFunctions: {count: 4}}

      """
    let made = plan(
      host, guest("router", "name: a, from: two\nname: b, from: one"),
      on: state(
        ports(4), libvirt: [off("router", [marked("03:10.4", "a"), marked("04:10.2", "b")])]))
    #expect(made.codes == [])
    #expect(made.members == ["router.a=04:10.2", "router.b=03:10.4"])
    #expect(!made.ids.contains { $0.hasPrefix("attach/") || $0.hasPrefix("detach/") })
  }

  @Test("adopts what somebody gave the guest, unless another tool has its mark on it")
  func adopted() {
    func made(_ device: Hostdev) -> Plan {
      plan(
        fastHost(4), guest("router", "name: a, from: fast"),
        on: state(ports(4), libvirt: [off("router", [device])]))
    }
    #expect(made(foreign("04:10.4")).members == ["router.a=04:10.4"])
    #expect(made(foreign("04:10.4")).reasons == [.adopted])
    var other = foreign("04:10.4")
    other.alias = "ua-another-tool"
    #expect(made(other).members == ["router.a=03:10.0"])
  }

  @Test("of a copied domain gets another member: the running one keeps it, else the recorded UUID")
  func cloned() {
    func domain(_ name: String, _ uuid: Int, isRunning: Bool = false) -> GuestState {
      var guest = isRunning ? running(name, [marked("03:10.0", "a")]) : off(name, [marked("03:10.0", "a")])
      guest.uuid = "00000000-0000-4000-8000-00000000000\(uuid)"
      return guest
    }
    let guests = guest("new", "name: a, from: fast") + guest("old", "name: a, from: fast")
    func members(_ domains: [GuestState], remembering: Int? = nil) -> [String] {
      let found = state(ports(4), libvirt: domains) { state in
        state.assignments = .known(
          remembering.map {
            [
              RememberedAssignment(
                guest: "old", domain: "old", socket: nil, uuid: "00000000-0000-4000-8000-00000000000\($0)",
                nic: "a", pool: "fast", address: pci("03:10.0"))
            ]
          } ?? [])
      }
      return plan(fastHost(4), guests, on: found).members
    }
    #expect(members([domain("old", 1), domain("new", 2, isRunning: true)]).contains("new.a=03:10.0"))
    #expect(members([domain("old", 1, isRunning: true), domain("new", 2)]).contains("old.a=03:10.0"))
    #expect(members([domain("old", 1), domain("new", 2)], remembering: 1).contains("old.a=03:10.0"))
    #expect(Set(members([domain("old", 1), domain("new", 2)])).count == 2)
  }

  @Test("is refused with who has what where the pool is exhausted")
  func exhausted() {
    let made = plan(
      fastHost(1), guest("a", "name: n, from: fast") + guest("b", "name: n, from: fast"),
      guest("c", "name: n, from: fast"),
      on: state(ports(1), libvirt: [off("a"), off("b"), off("c")]))
    #expect(made.codes == [.poolExhausted])
    #expect(made.refusals.first?.guest == "c")
    #expect(made.refusals.first?.details.count == 2)
  }

  @Test("never gets a member that something else uses")
  func used() {
    var functions = ports(3)
    for index in functions.indices {
      switch "\(functions[index].address)" {
      case "0000:03:10.0": functions[index].holders = .known([qemu])
      case "0000:03:10.2":
        (functions[index].driver, functions[index].driverOverride) = ("uio_pci_generic", nil)
      default: break
      }
    }
    let made = plan(
      fastHost(3), guest("router", "name: a, from: fast\nname: b, from: fast\nname: c, from: fast"),
      on: state(functions, libvirt: [off("router"), off("stranger", [foreign("04:10.0")])]))
    #expect(made.members == ["router.a=04:10.2", "router.b=03:10.4", "router.c=04:10.4"])
  }

  @Test("gets a member on the NUMA node of the guest, as far as numa says")
  func numa() {
    func made(_ claim: String, _ functions: [PCIFunction]) -> Plan {
      var domain = off("router")
      domain.numaNodes = [1]
      return plan(fastHost(2), guest("router", claim), on: state(functions, libvirt: [domain]))
    }
    let both = ports(2, node: [0, 1])
    #expect(made("name: a, from: fast", both).members == ["router.a=04:10.0"])
    #expect(made("name: a, from: fast, numa: ignore", both).members == ["router.a=03:10.0"])
    let other = ports(2, node: [0, 0])
    #expect(made("name: a, from: fast", other).members == ["router.a=03:10.0"])
    #expect(made("name: a, from: fast, numa: require", other).codes == [.poolExhausted])
  }

  @Test("gets a member of another port only, where spread requires it")
  func spread() {
    let claims = "name: a, from: fast, spread: require\nname: b, from: fast, spread: require\n"
    let found = state(ports(2), libvirt: [off("router")])
    #expect(plan(fastHost(2), guest("router", claims), on: found).codes == [])
    #expect(
      plan(fastHost(2), guest("router", claims + "name: c, from: fast, spread: require"), on: found).codes
        == [.poolExhausted])
  }

  @Test("leaves alone what another claim names, and is refused where its guest has that already")
  func namedTwice() {
    let named = guest("db", "name: a, from: fast/0/0")
    #expect(
      plan(
        fastHost(2), named, guest("router", "name: a, from: fast"),
        on: state(ports(2), libvirt: [off("db"), off("router")])
      ).members
        == ["db.a=03:10.0", "router.a=04:10.0"])
    let made = plan(
      fastHost(2), named, guest("router", "name: a, from: fast"),
      on: state(ports(2), libvirt: [off("db"), off("router", [marked("03:10.0", "a")])]))
    #expect(made.codes.contains(.select))
  }

  @Test("gets any VF of a NIC with VFs")
  func anyVF() {
    let made = plan(
      poolHost(4), guest("router", "name: a, from: pool/any"), guest("db", "name: a, from: pool/0"),
      on: state(pool(count: 4, eachVF: onVFIO), libvirt: [off("router"), off("db")]))
    #expect(made.codes == [])
    #expect(made.members == ["router.a=03:10.2"])
  }

  @Test("gets a whole port of a pool without VFs, unless the host uses one of them")
  func wholePorts() {
    func made(uses: [HostUse]) -> Plan {
      plan(
        fastHost(nil), guest("router", "name: a, from: fast"),
        on: state(
          [nic("03:00.0"), nic("04:00.0", uses: .known(uses))], libvirt: [off("router")]))
    }
    #expect(made(uses: []).members == ["router.a=03:00.0"])
    #expect(made(uses: [HostUse(.address, "192.0.2.1/24")]).codes == [.hostNetwork])
  }

  @Test("has a MAC address that goes with the guest to another member")
  func address() throws {
    func mac(_ device: String) throws -> MACAddress {
      let made = plan(
        fastHost(4), guest("router", "name: a, from: fast"),
        on: state(ports(4), libvirt: [off("router", [marked(device, "a")])]))
      return try #require(made.settings(device)?.to.mac)
    }
    #expect(try mac("03:10.0") == mac("04:10.4"))
  }

  @Test("takes the settings of the pool that it does not give")
  func defaults() {
    let host = fastHost(4).replacing("{count: 4}", with: "{count: 4, defaults: {vlan: 120, trust: true}}")
    let made = plan(
      host, guest("router", "name: a, from: fast, vlan: 7"), on: state(ports(4), libvirt: [off("router")]))
    let settings = made.settings("03:10.0")?.to
    #expect(settings?.vlan == VLAN(id: 7))
    #expect(settings?.trust == true)
  }

  @Test("gets a VF only after the VF that had its MAC address has another one")
  func macMoves() throws {
    let claims = guest("router", "name: a, from: fast, mac: '52:54:00:00:00:01'")
    var settings = VFSettings.initial
    settings.mac = mac("52:54:00:00:00:01")
    // The card at 03:00.0 had the VF of the guest, and the guest lost it.
    let found = state(ports(2), libvirt: [off("router", [marked("04:10.0", "a")])])
      .setting("03:10.0", .known(settings))
    let made = plan(fastHost(2), claims, on: found)
    #expect(made.members == ["router.a=04:10.0"])
    #expect(try #require(made.step("configure/0000:04:10.0")).after.contains("configure/0000:03:10.0"))
  }

  @Test("exchanges MAC addresses with another so that no two VFs have the same one")
  func macsSwapped() throws {
    let one = mac("52:54:00:00:00:01")
    let two = mac("52:54:00:00:00:02")
    func settings(_ mac: MACAddress) -> Observed<VFSettings> {
      var result = VFSettings.initial
      result.mac = mac
      return .known(result)
    }
    let found = state(
      ports(2), libvirt: [off("a", [marked("03:10.0", "n")]), off("b", [marked("04:10.0", "n")])]
    )
    .setting("03:10.0", settings(one)).setting("04:10.0", settings(two))
    let made = plan(
      fastHost(2), guest("a", "name: n, from: fast, mac: '\(two)'"),
      guest("b", "name: n, from: fast, mac: '\(one)'"), on: found)
    #expect(made.codes == [])
    var macs = [pci("03:10.0"): one, pci("04:10.0"): two]
    for step in made.steps {
      guard case .configure(let configure) = step.action, let mac = configure.to.mac else { continue }
      #expect(macs[configure.place.address] == configure.from.mac)
      macs[configure.place.address] = mac
      #expect(Set(macs.values).count == 2, "\(step.id)")
    }
    #expect(macs == [pci("03:10.0"): two, pci("04:10.0"): one])
  }
}
