import Documents
import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("Manifests imported from several hosts")
struct FleetImportTests {
  /// A port that a running guest has, with a name of its model and in a slot.
  private func port(_ short: String, slot: String?, name: String = "Intel Corporation 82576 Gigabit NIC")
    -> PCIFunction
  {
    nic(short, driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu])) {
      ($0.slots, $0.name) = ([slot].compactMap { $0 }, name)
    }
  }

  /// A host on which a guest for each function has it, assigned by hand.
  private func host(_ name: String, _ functions: [PCIFunction], guests: [String] = ["a", "b", "c"])
    -> HostState
  {
    state(
      functions,
      libvirt: zip(guests, functions).map { guest, function in
        running(guest, [Hostdev(address: function.address, alias: "hostdev0", isManaged: true)])
      }
    ) { $0.host = name }
  }

  private func imported(_ states: HostState...) -> FleetImport { imported(states) }
  private func imported(_ states: [HostState]) -> FleetImport {
    let result = FleetImport(states.map { HostIndex($0) })
    for host in result.hosts { #expect(host.result.plan.onlyMarks && !host.result.plan.isEmpty) }
    return result
  }

  private func selectors(_ result: FleetImport) -> [[String]] {
    result.classes.map { $0.manifest.spec.nics.map { "\($0.select.value)" } }
  }

  @Test("make one class of hosts whose cards are in the same slots, at whatever addresses")
  func slots() {
    let result = imported(
      host("kvm01", [port("03:00.0", slot: "3"), port("03:00.1", slot: "3")]),
      host("kvm02", [port("05:00.0", slot: "3"), port("05:00.1", slot: "3")]))
    #expect(selectors(result) == [["slot 3 and port 0", "slot 3 and port 1"]])
    #expect(result.classes.map(\.members) == [[0, 1]])
    #expect(result.classes[0].manifest.name == "intel-82576")
    #expect(result.classes[0].manifest.spec.nics.map(\.name.value) == ["slot3-0", "slot3-1"])
    #expect(result.hosts.map(\.manifest.spec.nics) == [[], []])
    #expect(result.hosts.map(\.manifest.spec.hostClass?.value) == ["intel-82576", "intel-82576"])
  }

  @Test("select by path where a host shows no slots, and by address where the paths differ")
  func places() {
    func change(_ path: String) -> PCIFunction {
      var function = port("03:00.0", slot: "3")
      function.path = path
      return function
    }
    let path = "pci0000:00/0000:00:07.0/0000:03:00.0"
    let known = host("kvm01", [port("03:00.0", slot: "3")])
    #expect(selectors(imported(known, host("kvm02", [port("03:00.0", slot: nil)]))) == [["path \(path)"]])
    var moved = change("pci0000:00/0000:00:09.0/0000:03:00.0")
    moved.slots = ["7"]
    #expect(selectors(imported(known, host("kvm02", [moved]))) == [["address 0000:03:00.0"]])
  }

  @Test("compare slots before addresses: cards that changed their places stay what they are")
  func crossed() {
    let result = imported(
      host("kvm01", [port("03:00.0", slot: "3"), port("04:00.0", slot: "4")]),
      host("kvm02", [port("03:00.0", slot: "4"), port("04:00.0", slot: "3")], guests: ["b", "a"]))
    #expect(selectors(result) == [["slot 3 and port 0", "slot 4 and port 0"]])
    let addresses = result.hosts.map { $0.result.addresses.sorted { $0.key < $1.key }.map { "\($0.value)" } }
    #expect(addresses == [["0000:03:00.0", "0000:04:00.0"], ["0000:04:00.0", "0000:03:00.0"]])
    // The guests claim the same NICs on both hosts, so that they are shared.
    #expect(result.classes[0].guests.map(\.name) == ["a", "b"])
  }

  @Test("keep an additional NIC in the document of its host")
  func additional() {
    let two = [port("03:00.0", slot: "3"), port("03:00.1", slot: "3")]
    let result = imported(
      host("kvm01", two), host("kvm02", two), host("kvm03", two + [port("04:00.0", slot: "4")]))
    #expect(result.classes.map(\.members) == [[0, 1, 2]])
    #expect(result.hosts.map(\.manifest.spec.nics.count) == [0, 0, 1])
    #expect(result.hosts[2].manifest.spec.nics[0].select.value.address == pci("04:00.0"))
    #expect(result.hosts[2].guests.map(\.name) == ["c"])
  }

  @Test("do not divide a class because one host has fewer NICs")
  func fewer() {
    let two = [port("03:00.0", slot: "3"), port("03:00.1", slot: "3")]
    let hosts = (1...5).map { host("kvm0\($0)", two) } + [host("kvm06", [two[0]])]
    let result = imported(hosts)
    #expect(result.classes.map(\.members) == [[0, 1, 2, 3, 4]])
    #expect(result.hosts[5].manifest.spec.hostClass == nil)
    #expect(result.hosts[5].manifest.spec.nics.map(\.select.value.address) == [pci("03:00.0")])
  }

  @Test("name classes by the models of their NICs; a name is taken once, and not that of a host")
  func names() {
    let old = "Intel Corporation 82576 Gigabit Network Connection"
    let new = "Mellanox Technologies MT27800 Family [ConnectX-5]"
    func two(_ name: String, _ address: String, _ model: String) -> [HostState] {
      (1...2).map { number in
        host("\(name)\(number)", [port(address, slot: nil, name: model)], guests: ["\(name)\(number)"])
      }
    }
    let result = imported(
      two("a", "03:00.0", old) + two("b", "04:00.0", old) + two("c", "05:00.0", new)
        + two("d", "06:00.0", "?") + [host("class-1", [port("07:00.0", slot: nil)])])
    #expect(
      result.classes.map(\.manifest.name) == [
        "intel-82576", "intel-82576-2", "mellanox-connectx-5", "class-2",
      ]
    )
  }

  @Test("name a NIC as its interface, if all hosts that show one show the same")
  func interfaces() {
    func remembering(_ name: String?, _ host: String) -> HostState {
      var function = port("03:00.0", slot: "3")
      function.remembered = name.map { RememberedIdentity(mac: nil, interface: $0, driver: "igb") }
      return self.host(host, [function])
    }
    let same = imported(remembering("lan0", "kvm01"), remembering(nil, "kvm02"))
    #expect(same.classes[0].manifest.spec.nics.map(\.name.value) == ["lan0"])
    let different = imported(remembering("lan0", "kvm01"), remembering("lan1", "kvm02"))
    #expect(different.classes[0].manifest.spec.nics.map(\.name.value) == ["slot3-0"])
  }

  @Test("write a guest once that is the same on each host of a class")
  func shared() {
    let ports = [port("03:00.0", slot: "3"), port("03:00.1", slot: "3")]
    let result = imported(
      host("kvm01", ports, guests: ["router", "web"]), host("kvm02", ports, guests: ["router", "mail"]))
    #expect(result.classes[0].guests.map(\.name) == ["router"])
    #expect(result.classes[0].guests[0].hosts == .ofClass("intel-82576"))
    #expect(result.hosts.map { $0.guests.map(\.name) } == [["web"], ["mail"]])
  }

  // MARK: VFs

  private func withVFs(_ name: String, _ change: (Int, inout PCIFunction) -> Void) -> HostState {
    var index = 0
    let functions = pool(count: 2, autoprobe: false, change: { $0.slots = ["3"] }) { function in
      function.virtualFunction?.settings = .known(
        VFSettings.initial.with(VFSettings(mac: mac("52:54:00:00:\(name.suffix(2)):0\(index)"))))
      function.slots = ["3"]
      onVFIO(&function)
      function.holders = .known([qemu])
      change(index, &function)
      index += 1
    }
    return state(
      functions,
      libvirt: functions.dropFirst().enumerated().map { number, function in
        running("g\(number)", [Hostdev(address: function.address, alias: "hostdev0", isManaged: true)])
      }
    ) { $0.host = name }
  }

  @Test("claim VFs by number, with the MAC address that each has, in one document for each host")
  func virtualFunctions() {
    let result = imported(withVFs("kvm01") { _, _ in }, withVFs("kvm02") { _, _ in })
    #expect(result.classes[0].manifest.spec.nics.map { $0.virtualFunctions?.value.count } == [2])
    #expect(result.classes[0].guests == [])
    let claims = result.hosts.map { $0.guests.flatMap(\.spec.nics) }
    #expect(
      claims.map { $0.map { "\($0.from.value)" } } == Array(repeating: ["eth30/0", "eth30/1"], count: 2))
    #expect(claims[1].map(\.settings.mac) == [mac("52:54:00:00:02:00"), mac("52:54:00:00:02:01")])
  }

  @Test("leave out a VF whose settings a plan would change, and keep the others")
  func withoutMAC() {
    let result = imported(
      withVFs("kvm01") { _, _ in },
      withVFs("kvm02") { index, function in
        if index == 1 { function.virtualFunction?.settings = .known(.initial) }
      })
    #expect(result.classes.map(\.members) == [[0, 1]])
    #expect(result.hosts.map { $0.guests.map(\.name) } == [["g0", "g1"], ["g0"]])
    #expect(result.hosts.map(\.result.leavesOutChanges) == [false, true])
    #expect(result.hosts[1].result.remarks.map(\.subject) == ["0000:03:10.2"])
  }

  @Test("leave out a PF with its VFs if a plan would unbind a VF that no guest has")
  func unclaimed() {
    var host = withVFs("kvm01") { _, _ in }
    host.libvirt = .known(host.libvirt.value?.filter { $0.name == "g0" } ?? [])
    host = host.changing("03:10.2") { $0.holders = .known([]) }
    let result = FleetImport([HostIndex(host)])
    #expect(result.hosts[0].manifest.spec.nics == [] && result.hosts[0].guests == [])
    #expect(result.hosts[0].result.leavesOutChanges)
    #expect(result.hosts[0].result.remarks.contains { $0.subject == "0000:03:00.0" })
  }

  @Test("leave out a NIC of a guest that is off if libvirt needs a module that a plan would load")
  func module() {
    for alias in ["hostdev0", "ua-pcipass-lan"] {
      let state = state(
        [nic("03:00.0")],
        libvirt: [off("winxp", [Hostdev(address: pci("03:00.0"), alias: alias, isManaged: true)])],
        drivers: .known(["igb"])
      ) { $0.kernel.hasVFIO = false }
      #expect(Import(state, Import.Options(host: "hv01")).plan.ids.contains { $0.hasPrefix("load/") })
      let result = FleetImport([HostIndex(state)])
      #expect(result.hosts[0].result.plan.isEmpty && result.hosts[0].manifest.spec.nics == [])
      #expect(result.hosts[0].result.remarks.map(\.subject) == ["0000:03:00.0"])
    }
  }
}
