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

/// A host and manifests for it, made from a number: possible ones, of which many can be applied.
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
  }

  var request: Request { ExecutionTests.request(manifests, prune: prune) }

  /// Changes one thing of the host, as somebody may between plan and apply, and says which.
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
    case 2: state.functions[number].hostDriver = dice.one("ixgbe", nil)
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
    var drivers = Set(functions.compactMap(\.driver) + ["igb"])
    if dice.chance(50) { drivers.formUnion(["pci-stub", "vfio-pci"]) }
    var state = state(functions, drivers: .known(drivers.sorted()))
    state.simulation = Simulation()
    state.libvirt = .known(guests.map { guest($0, &dice) })
    if dice.chance(70) {
      state.qemu = .known([GuestState(name: socket, run: .running, persistent: nil, live: [])])
    }
    for number in ports.indices where dice.chance(45) { handOut(number, in: &state, &dice) }
    if state.functions.contains(where: { $0.driver == "vfio-pci" }) {
      state.kernel.drivers = .known(drivers.union(["vfio-pci"]).sorted())
    }
    return state
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

  /// Gives a NIC to a guest as pcipass, an older pcipass or somebody else may have done.
  private static func handOut(_ number: Int, in state: inout HostState, _ dice: inout Dice) {
    let function = state.functions[number]
    let isQEMU = state.qemu.value?.isEmpty == false && dice.chance(15)
    var list = (isQEMU ? state.qemu.value : state.libvirt.value) ?? []
    let chosen = dice.number(0..<list.count)
    var guest = list[chosen]
    let name = dice.one("n0", "n1", "n2", "old")
    let mark: String? = dice.chance(25) ? "hostdev\(number)" : (isQEMU ? "pcipass-" : "ua-pcipass-") + name
    let device = Hostdev(
      address: function.address, alias: mark, isManaged: isQEMU || dice.chance(75),
      guestAddress: dice.one(nil, pci("00:0\(number + 3).0")))
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

  /// Whether a guest could have it now: no other has its group, and none of the group is the host's.
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
      state.functions[number] = nic(
        port, driver: "vfio-pci", override: "vfio-pci", group: state.functions[number].iommuGroup)
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
    for (number, port) in ports.enumerated() where dice.chance(85) {
      var words = "name: nic\(number), select: {address: '0000:\(port)'}"
      if dice.chance(20) { words += ", reserve: true" }
      if dice.chance(10) { words += ", driver: pci-stub" }
      if dice.chance(15) { words += ", allow: [host-network, foreign-owner], because: agreed" }
      nics.append(words)
      let guest = dice.one("a", "a", "b", "b", "c", "q", "-", "-", "-")
      guard isDescribed[guest] ?? false else { continue }
      let taken = claims[guest, default: []]
      guard
        let name = ["n0", "n1", "n2"].filter({ name in !taken.contains { $0.hasPrefix("name: \(name),") } })
          .randomElement(using: &dice)
      else { continue }
      var claim = "name: \(name), from: nic\(number)"
      if dice.chance(12) { claim += ", hotplug: false" }
      if guest != "q" { claim += dice.one("", "", "", ", managed: false", ", bind: on-start") }
      // What libvirt binds itself it puts back without the override that it had, and never to no driver.
      let function = start.functions[number]
      if function.driver == nil
        || function.driverOverride != function.driver && function.driverOverride != nil
      {
        claim.replace(", bind: on-start", with: "")
      }
      claims[guest, default: []].append(claim)
    }
    let described = (guests + ["q"]).filter { isDescribed[$0] ?? false }
    return ExecutionTests.host(nics.joined(separator: "\n"))
      + described.map { name in
        ExecutionTests.guest(
          name, (claims[name] ?? []).joined(separator: "\n"),
          name == "q" ? "qemu: {qmp: \(socket)}" : "libvirt: {}")
      }.joined()
  }
}
