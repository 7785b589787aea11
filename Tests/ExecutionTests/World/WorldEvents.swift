import HostModel
import Manifests
import Oracle
import Planning
import TestSupport

@testable import Hosts

/// A change of the host without pcipass, with a description for the transcript.
struct WorldEvent: Sendable {
  let words: String
  let change: @Sendable (inout HostState) -> Void

  private init(_ words: String, _ change: @escaping @Sendable (inout HostState) -> Void) {
    self.words = words
    self.change = change
  }

  /// A random event that can happen at any time, also during a command.
  static func any(_ dice: inout Dice) -> WorldEvent {
    let port = pci(WorldDocuments.ports[dice.number(0..<WorldDocuments.ports.count)])
    let name = dice.one("a", "b", "c")
    let other = dice.one("a2", "b2", "web", "c")
    let time = dice.number(2..<1000)
    switch dice.number(0..<14) {
    case 13: return splitGroup(dice.number(0..<6))
    case 11: return fill(name)
    case 12: return configure(dice.number(0..<6))
    case 0, 1, 2: return use(port, dice.one(.address, .defaultRoute, .sshSession, .bridge))
    case 3: return WorldEvent("ip address flush \(port)") { $0.change(port) { $0.drop() } }
    case 4: return attach(port, to: name, dice.one(.persistent, .live))
    case 5: return detach(from: name, dice.number(0..<4))
    case 6: return rename(name, other)
    case 7:
      return WorldEvent("virsh undefine \(name); virsh define \(name).xml") { $0.redefine(name, time) }
    case 8: return WorldEvent("virt-clone --original \(name) --name \(other)") { $0.clone(name, other, time) }
    case 9: return rebind(port, dice.one("igb", "vfio-pci", "uio_pci_generic"))
    default:
      let answer = dice.one(Simulation.Unplug.answers, .answers, .late, .never)
      return WorldEvent("\(name) answers an unplug: \(answer)") { $0.simulation?.unplug[name] = answer }
    }
  }

  /// A random event that happens only between commands: guests start and stop, or the host reboots.
  static func between(_ dice: inout Dice) -> WorldEvent {
    let name = dice.one("a", "b", "c")
    switch dice.number(0..<10) {
    case 0..<3: return WorldEvent("virsh start \(name)") { $0.start(name) }
    case 3..<5: return WorldEvent("virsh shutdown \(name)") { $0.shutDown(name) }
    case 5: return reboot(dice.number(0..<6), dice.number(2..<1_000_000))
    default: return any(&dice)
    }
  }

  /// The host starts to use a NIC that has an interface.
  private static func use(_ port: PCIAddress, _ kind: HostUse.Kind) -> WorldEvent {
    WorldEvent("the host uses \(port): \(kind.rawValue)") { state in
      state.change(port) { function in
        guard !function.interfaces.isEmpty else { return }
        let use = HostUse(kind, "192.0.2.\(function.address.bus)")
        let uses = function.interfaces[0].uses.value ?? []
        function.interfaces[0].isUp = true
        if !uses.contains(use) { function.interfaces[0].uses = .known(uses + [use]) }
      }
    }
  }

  /// A network manager configures a new interface, as it does about 2 s after a bind.
  private static func configure(_ number: Int) -> WorldEvent {
    WorldEvent("the network manager configures an idle interface, the \(number + 1)th") { state in
      let idle = state.functions.filter { function in
        function.interfaces.contains { $0.uses == .known([]) } && function.holders == .known([])
      }
      guard !idle.isEmpty else { return }
      use(idle[number % idle.count].address, .address).change(&state)
    }
  }

  /// Other devices use the last free ports of a running guest.
  private static func fill(_ name: String) -> WorldEvent {
    WorldEvent("\(name) gets other devices, until it has no free port") { state in
      guard var list = state.libvirt.value,
        let index = list.firstIndex(where: { $0.name == name && $0.live != nil })
      else { return }
      list[index].freePorts = 0
      state.libvirt = .known(list)
    }
  }

  private static func attach(_ port: PCIAddress, to name: String, _ part: Placement.Part) -> WorldEvent {
    let device = Hostdev(address: port, alias: "hostdev7", isManaged: true)
    return WorldEvent("virsh attach-device \(name) \(port) --\(part.rawValue)") { state in
      // Operators do not attach a NIC that the host uses.
      if Oracle.uses(on: state)[port] != nil, part == .live { return }
      state.perform(.attach(device, Placement(guest: .libvirt(domain: name), part: part)))
    }
  }

  private static func detach(from name: String, _ number: Int) -> WorldEvent {
    WorldEvent("virsh detach-device \(name), device \(number)") { state in
      let guest = state.libvirt.value?.first { $0.name == name }
      for part in [Placement.Part.live, .persistent] {
        guard let list = guest?.hostdevs(part), !list.isEmpty else { continue }
        state.perform(
          .detach(list[number % list.count], Placement(guest: .libvirt(domain: name), part: part)))
      }
    }
  }

  private static func rename(_ name: String, _ other: String) -> WorldEvent {
    WorldEvent("virsh domrename \(name) \(other)") { state in
      // If the domain has the new name already, it gets the old one back.
      guard var list = state.libvirt.value else { return }
      let indices = list.indices.filter { [name, other].contains(list[$0].name) }
      guard indices.count == 1, list[indices[0]].live == nil else { return }
      list[indices[0]].name = list[indices[0]].name == name ? other : name
      state.libvirt = .known(list)
    }
  }

  private static func rebind(_ port: PCIAddress, _ driver: String) -> WorldEvent {
    WorldEvent("another tool binds \(port) to \(driver)") { state in
      guard let function = state[port], function.driver != driver, function.holders == .known([]),
        Oracle.uses(on: state)[port] == nil, (function.sriov?.count ?? 0) == 0
      else { return }
      if driver == "uio_pci_generic" {
        state.kernel.drivers = .known((state.kernel.drivers.value ?? []) + [driver])
      }
      state.kernel { kernel throws(HostFailure) in
        try kernel.setOverride(driver == "igb" ? nil : driver, of: port)
        if function.driver != nil { try kernel.unbind(port) }
        try kernel.probe(port)
      }
    }
  }

  /// A native driver binds a function that shares an IOMMU group with an assigned one.
  private static func splitGroup(_ number: Int) -> WorldEvent {
    WorldEvent("igb comes to a function of a group that a guest has in part, the \(number + 1)th") { state in
      let held = Oracle.held(on: state)
      let groups = Set(state.functions.filter { held.contains($0.address) }.compactMap(\.iommuGroup))
      let free = state.functions.filter { function in
        function.iommuGroup.map(groups.contains) ?? false && !held.contains(function.address)
          && function.deviceClass.isNetwork && function.driver != "igb"
      }
      guard !free.isEmpty else { return }
      rebind(free[number % free.count].address, "igb").change(&state)
    }
  }

  /// After a reboot guests are shut off and drivers are the kernel's choice. The cards of two slots
  /// may have swapped addresses, or one card may be replaced.
  private static func reboot(_ slot: Int, _ boot: Int) -> WorldEvent {
    let words = [
      "", "", "", "", ", with the buses 3 and 4 renumbered", ", with an NVMe disk in place of 04:00.0",
    ]
    return WorldEvent("reboot\(words[slot])") { $0.reboot(renumbered: slot == 4, replaced: slot == 5, boot) }
  }
}

extension PCIFunction {
  fileprivate mutating func drop() { for index in interfaces.indices { interfaces[index].uses = .known([]) } }
}

extension HostState {
  fileprivate mutating func change(_ address: PCIAddress, _ change: (inout PCIFunction) -> Void) {
    if let index = functions.firstIndex(where: { $0.address == address }) { change(&functions[index]) }
  }

  /// Performs an action on the simulated host. An action that fails has no effect.
  fileprivate mutating func perform(_ action: Action) {
    let host = SimulatedHost(withoutFaults)
    guard (try? host.perform(action, step: "")) != nil else { return }
    adopt(host.state)
  }

  fileprivate mutating func kernel(_ body: (inout SimulatedKernel) throws(HostFailure) -> Void) {
    let host = SimulatedHost(withoutFaults)
    guard (try? host.change(body)) != nil else { return }
    adopt(host.state)
  }

  /// The same state without planned faults.
  var withoutFaults: HostState {
    var state = self
    state.simulation?.faults = []
    return state
  }

  /// Takes over a state of the simulated host, except for its faults.
  private mutating func adopt(_ state: HostState) {
    let faults = simulation?.faults ?? []
    self = state
    simulation?.faults = faults
  }

  fileprivate mutating func redefine(_ name: String, _ time: Int) {
    guard var list = libvirt.value,
      let index = list.firstIndex(where: { $0.name == name && $0.live == nil }),
      let number = list[index].uuid?.last?.hexDigitValue
    else { return }
    let uuid = GuestNumbering.uuid(of: number, time)
    guard !list.contains(where: { $0.uuid == uuid }) else { return }
    list[index].uuid = uuid
    list[index].persistent = []
    libvirt = .known(list)
  }

  fileprivate mutating func clone(_ name: String, _ other: String, _ time: Int) {
    guard var list = libvirt.value, !list.contains(where: { $0.name == other }),
      var clone = list.first(where: { $0.name == name && $0.live == nil && $0.persistent != nil })
    else { return }
    clone.name = other
    clone.uuid = GuestNumbering.uuid(of: clone.uuid?.last?.hexDigitValue ?? 0, time)
    // libvirt does not accept two domains with the same UUID.
    guard !list.contains(where: { $0.uuid == clone.uuid }) else { return }
    list.append(clone)
    libvirt = .known(list)
  }

  /// Starts a domain: libvirt binds all managed devices of the definition, then QEMU opens the
  /// devices one by one. A failure leaves everything as it was.
  ///
  /// - Returns: whether the domain was started.
  @discardableResult
  mutating func start(_ name: String) -> Bool {
    guard var list = libvirt.value,
      let index = list.firstIndex(where: { $0.name == name && $0.live == nil && $0.persistent != nil })
    else { return false }
    let before = self
    let devices = list[index].persistent ?? []
    list[index].run = .running
    list[index].live = []
    list[index].freePorts = nil
    libvirt = .known(list)
    let host = SimulatedHost(withoutFaults)
    let manager = GuestManager.libvirt(domain: name)
    do throws(HostFailure) {
      for device in devices where device.isManaged {
        try host.change { kernel throws(HostFailure) in
          let function = try kernel.state.functions[kernel.index(of: device.address)]
          guard function.driver != "vfio-pci" else { return }
          // Binding a PF to vfio-pci would delete its VFs, so it fails.
          if (function.sriov?.count ?? 0) > 0 { throw HostFailure(.refused, "it has VFs") }
          try kernel.load("vfio-pci")
          try kernel.setOverride("vfio-pci", of: device.address)
          if let driver = function.driver {
            kernel.state.simulation?.managedFrom["\(device.address)"] = driver
            try kernel.unbind(device.address)
          }
          try kernel.probe(device.address)
        }
      }
      for device in devices where device.device == .interface {
        // libvirt assigns an interface of type hostdev only while its PF is up.
        let physical = host.state[device.address]?.virtualFunction.flatMap { host.state[$0.physicalFunction] }
        guard physical?.interfaces.contains(where: { $0.isUp == true }) ?? false else {
          throw HostFailure(.refused, "its PF is down")
        }
      }
      for device in devices {
        try host.perform(.attach(device, Placement(guest: manager, part: .live)), step: "")
      }
    } catch {
      self = before
      return false
    }
    adopt(host.state)
    return true
  }

  fileprivate mutating func shutDown(_ name: String) {
    // Guests that answer late have released the devices by now.
    adopt(SimulatedHost(self).state)
    guard let guest = libvirt.value?.first(where: { $0.name == name }), guest.persistent != nil,
      guest.live != nil
    else { return }
    var simulation = simulation
    simulation?.unplug = [:]
    let before = self.simulation?.unplug ?? [:]
    self.simulation = simulation
    if var list = libvirt.value, let index = list.firstIndex(where: { $0.name == name }) {
      list[index].run = .running
      libvirt = .known(list)
    }
    for device in guest.live ?? [] {
      perform(.detach(device, Placement(guest: .libvirt(domain: name), part: .live)))
    }
    self.simulation?.unplug = before
    guard var list = libvirt.value, let index = list.firstIndex(where: { $0.name == name }) else { return }
    list[index].run = .shutoff
    list[index].live = nil
    libvirt = .known(list)
  }

  /// Restarts the host.
  ///
  /// - Parameters:
  ///   - renumbered: whether the buses 3 and 4 swap their numbers.
  ///   - replaced: whether an NVMe disk replaces the card at 04:00.0.
  ///   - boot: the number in the boot id.
  mutating func reboot(renumbered: Bool, replaced: Bool, _ boot: Int) {
    functions.removeAll { $0.virtualFunction != nil }
    for index in functions.indices {
      functions[index].holders = .known([])
      functions[index].driverOverride = nil
      functions[index].sriov?.count = 0
      let driver = functions[index].nativeDriver
      if driver == "igb", functions[index].driver != "igb" || functions[index].interfaces.isEmpty,
        let identity = functions[index].remembered
      {
        functions[index].interfaces = [
          NetworkInterface(
            name: identity.interface ?? "eth", mac: identity.mac, permanentMAC: identity.mac, isUp: true)
        ]
      }
      functions[index].driver = driver
    }
    if renumbered {
      for port in 0..<2 { swapCards(pci("03:00.\(port)"), pci("04:00.\(port)")) }
    }
    if replaced {
      change(pci("04:00.0")) { function in
        function.id = PCIID(vendor: 0x144d, device: 0xa808)
        function.deviceClass = PCIClass(0x010802)
        (function.driver, function.nativeDriver, function.serial) = ("nvme", "nvme", nil)
        (function.interfaces, function.remembered) = ([], nil)
      }
    }
    func off(_ guests: [GuestState]) -> [GuestState] {
      guests.filter { $0.persistent != nil }.map { guest in
        var guest = guest
        (guest.run, guest.live) = (.shutoff, nil)
        return guest
      }
    }
    if let list = libvirt.value { libvirt = .known(off(list)) }
    if let list = qemu.value {
      qemu = .known(
        list.map { guest in
          var guest = guest
          guest.live = []
          guest.freePorts = guest.buses.count
          for index in guest.buses.indices { guest.buses[index].free = 1 }
          return guest
        })
    }
    simulation?.managedFrom = [:]
    simulation?.interfaceFrom = [:]
    simulation?.leaving = [:]
    kernel.bootID =
      "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - "\(boot)".count) + "\(boot)"
    kernel.drivers = .known(["igb", "pcieport"])
    kernel.modules = .known([])
  }

  /// Swaps the addresses of two slots. The cards stay in their slots.
  private mutating func swapCards(_ one: PCIAddress, _ other: PCIAddress) {
    guard let first = functions.firstIndex(where: { $0.address == one }),
      let second = functions.firstIndex(where: { $0.address == other })
    else { return }
    (functions[first].address, functions[second].address) = (other, one)
    functions.sort { $0.address < $1.address }
  }
}
