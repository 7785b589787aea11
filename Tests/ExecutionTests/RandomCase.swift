import HostModel
import Manifests
import Planning
import TestSupport
import Testing

extension Dice {
  init(seed: Int) { self.init(seed: UInt64(truncatingIfNeeded: seed) &* 0xD134_2543_DE82_EF95) }

  mutating func number(_ range: Range<Int>) -> Int { .random(in: range, using: &self) }
  mutating func chance(_ percent: Int) -> Bool { number(0..<100) < percent }
  mutating func one<Value>(_ values: Value...) -> Value { values[number(0..<values.count)] }
}

/// A possible host and manifests for it, determined by a seed. Many of them can be applied.
struct RandomCase {
  var start: HostState
  var manifests: String
  var prune: Bool
  var dice: Dice

  private static let ports = ["03:00.0", "03:00.1", "04:00.0", "04:00.1", "05:00.0", "06:00.0"]
  private static let guests = ["a", "b", "c"]
  private static let socket = "/run/q.sock"

  init(seed: Int) {
    dice = Dice(seed: seed)
    start = Self.host(&dice)
    manifests = Self.manifests(start, &dice)
    prune = dice.chance(20)
    var others = Dice(seed: seed &+ 7_654_321)
    addVariants(&others)
  }

  var request: Request { TestSupport.request(manifests, prune: prune) }

  /// Makes one change to the host, as may happen between plan and apply, and returns a description.
  mutating func change(_ state: inout HostState) -> String {
    let number = dice.number(0..<Self.ports.count)
    let name = Self.guests[dice.number(0..<Self.guests.count)]
    func changeGuest(_ change: (inout GuestState) -> Void) {
      guard var list = state.libvirt.value, let index = list.firstIndex(where: { $0.name == name }) else {
        return
      }
      change(&list[index])
      state.libvirt = .known(list)
    }
    switch dice.number(0..<13) {
    case 0: state.functions[number].driver = "ixgbe"
    case 1: state.functions[number].driverOverride = dice.one("ixgbe", nil)
    case 2: state.functions[number].nativeDriver = dice.one("ixgbe", nil)
    case 3: state.functions[number].sriov = SRIOV(total: 7, count: 2)
    case 4: state.functions[number].holders = dice.one(.known([qemu]), .unavailable("not root"), .known([]))
    case 5: state.functions[number].iommuGroup = dice.one(3, 4, nil)
    case 6: state.kernel.drivers = .known(["igb", "pcieport"])
    case 7: state.qemu = dice.one(.known([]), .unavailable("no socket"))
    case 8: state.libvirt = .unavailable("no libvirtd")
    case 9: changeGuest { ($0.run, $0.live) = ($0.live == nil ? (.running, []) : (.shutoff, nil)) }
    case 10: changeGuest { $0.persistent = $0.persistent == nil ? [] : nil }
    case 11: changeGuest { $0.persistent?.append(foreign(Self.ports[number])) }
    default:
      state.functions[number].interfaces = [
        NetworkInterface(name: "x", uses: .known([HostUse(.bridge, "br0")]))
      ]
    }
    return "changed \(number) or \(name)"
  }

  // MARK: The host

  private static func host(_ dice: inout Dice) -> HostState {
    let isShared = [3: dice.chance(30), 4: dice.chance(30)]
    var functions = ports.map { port in
      let bus = Int(pci(port).bus)
      return function(port, group: isShared[bus] ?? false ? bus : nil, &dice)
    }
    if isShared[3] ?? false, dice.chance(30) {
      functions.append(device("00:03.0", class: 0x060400, driver: "pcieport", group: 3))
    }
    if isShared[4] ?? false, dice.chance(15) {
      functions.append(device("04:00.2", class: 0x010601, driver: "ahci", group: 4))
    }
    for number in pools.indices { functions += giveVFs(&functions[pools[number]], &dice) }
    var drivers = Set(functions.compactMap(\.driver) + ["igb"])
    if dice.chance(50) { drivers.formUnion(["pci-stub", "vfio-pci"]) }
    var state = state(functions, drivers: .known(drivers.sorted()))
    state.simulation = Simulation()
    state.libvirt = .known(guests.map { guest($0, &dice) })
    if dice.chance(70) {
      let buses = ["port1", "port2"].prefix(dice.number(0..<3))
      state.qemu = .known([
        GuestState(
          name: socket, run: .running, persistent: nil, live: [], freePorts: buses.count,
          buses: buses.map { GuestState.Bus(name: $0, free: 1) }, models: ["vfio-pci"])
      ])
    }
    for number in state.functions.indices
    where dice.chance(45) && state.functions[number].deviceClass.isNetwork {
      handOut(number, in: &state, &dice)
    }
    state.functions.sort { $0.address < $1.address }
    if state.functions.contains(where: { $0.driver == "vfio-pci" }) {
      state.kernel.drivers = .known(drivers.union(["vfio-pci"]).sorted())
    }
    return state
  }

  /// The indices of the ports that can be split into VFs.
  private static let pools = [4, 5]

  /// Creates VFs without a driver or on vfio-pci, with or without settings, or none.
  private static func giveVFs(_ port: inout PCIFunction, _ dice: inout Dice) -> [PCIFunction] {
    let isOn = port.driver == "igb" && dice.chance(50)
    port.sriov = SRIOV(
      total: 7, count: 0, autoprobe: dice.chance(70), offset: 128, stride: 2, deviceID: PCIIDHalf(0x10ca))
    guard isOn else { return [] }
    var functions = port.virtualFunctions(2)
    for index in functions.indices {
      functions[index].iommuGroup = 500 + Int(port.address.bus) * 8 + index
      functions[index].driver = dice.one(nil, nil, "vfio-pci")
      functions[index].driverOverride = functions[index].driver
      guard dice.chance(50) else { continue }
      functions[index].virtualFunction?.settings = .known(
        VFSettings(
          mac: mac("02:00:00:00:00:0\(index)"), vlan: dice.one(.none, VLAN(id: 7, qos: 1)),
          trust: dice.chance(50),
          spoofCheck: dice.chance(50), linkState: .auto, rate: VFSettings.Rate(min: 0, max: 0)))
    }
    port.sriov?.count = functions.count
    return functions
  }

  private static func function(_ port: String, group: Int?, _ dice: inout Dice) -> PCIFunction {
    let driver: String? = dice.one("igb", "igb", "igb", "igb", "igb", "vfio-pci", "vfio-pci", "pci-stub", nil)
    let override: String? =
      driver == "igb" || driver == nil
      ? dice.one(nil, nil, nil, nil, "igb", "vfio-pci") : dice.one(driver, driver, nil)
    let uses = dice.chance(6) ? [HostUse(.address, "192.0.2.1/24")] : []
    let isForeign = dice.chance(2)
    return nic(
      port, driver: isForeign ? "uio_pci_generic" : driver,
      override: isForeign ? "uio_pci_generic" : override,
      group: group, uses: .known(uses))
  }

  private static func guest(_ name: String, _ dice: inout Dice) -> GuestState {
    switch dice.number(0..<10) {
    case 0..<4: off(name)
    case 4..<8: running(name)
    case 8: GuestState(name: name, run: .running, persistent: nil, live: [])
    default: GuestState(name: name, run: .paused, persistent: [], live: [])
    }
  }

  /// Assigns a NIC to a guest as pcipass, an older pcipass or an operator may have done.
  private static func handOut(_ number: Int, in state: inout HostState, _ dice: inout Dice) {
    let function = state.functions[number]
    let isQEMU = state.qemu.value?.isEmpty == false && dice.chance(15)
    var list = (isQEMU ? state.qemu.value : state.libvirt.value) ?? []
    let chosen = dice.number(0..<list.count)
    var guest = list[chosen]
    let name = dice.one("n0", "n1", "n2", "old")
    let mark: String? = dice.chance(25) ? "hostdev\(number)" : (isQEMU ? "pcipass-" : "ua-pcipass-") + name
    let isManaged = isQEMU || dice.chance(75)
    let place = pci("00:1\(String(number, radix: 16)).0")
    let placeInQEMU = dice.one(nil, place)
    // libvirt assigns a guest address to each of its devices.
    let device = Hostdev(
      address: function.address, alias: mark, isManaged: isManaged, guestAddress: isQEMU ? placeInQEMU : place
    )
    let used = ((guest.persistent ?? []) + (guest.live ?? [])).map(\.alias)
    guard !used.contains(mark) else { return }
    if guest.persistent != nil, dice.chance(80) { guest.persistent?.append(device) }
    if guest.live != nil, dice.chance(80),
      open(number, for: guest.name, isBoundByLibvirt: !isQEMU && device.isManaged, in: &state)
    {
      guest.live?.append(device)
    }
    list[chosen] = guest
    if isQEMU { state.qemu = .known(list) } else { state.libvirt = .known(list) }
  }

  /// Binds the function for a guest and returns true, unless another guest has its IOMMU group or a
  /// member of the group has a native driver.
  private static func open(
    _ number: Int, for guest: String, isBoundByLibvirt: Bool, in state: inout HostState
  ) -> Bool {
    let group = state.functions.indices.filter {
      state.functions[$0].iommuGroup == state.functions[number].iommuGroup
    }
    let holder = Holder(process: 5000 + guest.utf8.reduce(0) { $0 + Int($1) }, command: "qemu-system-x86")
    let isFree = group.allSatisfy { index in
      let function = state.functions[index]
      let isOut = index == number || [nil, "vfio-pci", "pci-stub", "pcieport"].contains(function.driver)
      return isOut && (function.holders == .known([]) || function.holders == .known([holder]))
    }
    guard isFree, state.functions[number].driver != "uio_pci_generic" else { return false }
    if state.functions[number].driver != "vfio-pci" {
      let before = state.functions[number].driver
      let port = String("\(state.functions[number].address)".dropFirst(5))
      // A PF that is assigned to a guest has no VFs.
      if state.functions[number].sriov?.count ?? 0 > 0 { return false }
      if state.functions[number].virtualFunction == nil {
        let sriov = state.functions[number].sriov
        state.functions[number] = nic(
          port, driver: "vfio-pci", override: "vfio-pci", group: state.functions[number].iommuGroup
        ) { $0.sriov = sriov }
      } else {
        (state.functions[number].driver, state.functions[number].driverOverride) = ("vfio-pci", "vfio-pci")
      }
      if let before, isBoundByLibvirt { state.simulation?.managedFrom["0000:\(port)"] = before }
    }
    for index in group
    where state.functions[index].driver == "vfio-pci" || state.functions[index].driver == nil {
      state.functions[index].holders = .known([holder])
    }
    return true
  }

  // MARK: The manifests

  private static func manifests(_ start: HostState, _ dice: inout Dice) -> String {
    var nics: [String] = []
    var claims: [String: [String]] = [:]
    var isDescribed: [String: Bool] = [:]
    for guest in guests + ["q"] { isDescribed[guest] = dice.chance(75) }
    var parts: [String] = []
    for number in pools where dice.chance(60) {
      let count = dice.number(0..<4)
      nics.append(
        "name: nic\(number), select: {address: '0000:\(ports[number])'}, virtualFunctions: {count: \(count)}")
      parts += (0..<count).map { "nic\(number)/\($0)" }
    }
    for part in parts {
      let guest = dice.one("a", "b", "q", "-")
      guard isDescribed[guest] ?? false, let name = freeName(claims[guest, default: []], &dice) else {
        continue
      }
      var claim = "name: \(name), from: \(part)"
      if dice.chance(30) { claim += ", mac: '52:54:00:00:00:01'" }
      if dice.chance(30) { claim += ", vlan: 120" }
      if dice.chance(20) { claim += ", trust: true" }
      if guest != "q", dice.chance(20) { claim += ", as: interface" }
      claims[guest, default: []].append(claim)
    }
    let inParts = Set(pools.filter { number in nics.contains { $0.hasPrefix("name: nic\(number),") } })
    for (number, port) in ports.enumerated() where dice.chance(85) && !inParts.contains(number) {
      var words = "name: nic\(number), select: {address: '0000:\(port)'}"
      if dice.chance(20) { words += ", reserve: true" }
      if dice.chance(10) { words += ", driver: pci-stub" }
      if dice.chance(15) { words += ", allow: [host-network, ownership], because: agreed" }
      nics.append(words)
      let guest = dice.one("a", "a", "b", "b", "c", "q", "-", "-", "-")
      guard isDescribed[guest] ?? false else { continue }
      guard let name = freeName(claims[guest, default: []], &dice) else { continue }
      var claim = "name: \(name), from: nic\(number)"
      if dice.chance(12) { claim += ", hotplug: false" }
      if guest != "q" { claim += dice.one("", "", "", ", managed: false", ", bind: on-start") }
      // libvirt rebinds a managed device without its former override, and never leaves it without a
      // driver.
      guard let function = start[pci(port)] else { continue }
      if function.driver == nil
        || function.driverOverride != function.driver && function.driverOverride != nil
      {
        claim.replace(", bind: on-start", with: "")
      }
      claims[guest, default: []].append(claim)
    }
    let described = (guests + ["q"]).filter { isDescribed[$0] ?? false }
    return TestSupport.host(nics.joined(separator: "\n"))
      + described.map { name in
        TestSupport.guest(
          name, (claims[name] ?? []).joined(separator: "\n"),
          name == "q" ? "qemu: {qmp: \(socket)}" : "libvirt: {}")
      }.joined()
  }

  private static func freeName(_ claims: [String], _ dice: inout Dice) -> String? {
    ["n0", "n1", "n2"].filter { name in !claims.contains { $0.hasPrefix("name: \(name),") } }
      .randomElement(using: &dice)
  }
}
