import HostModel
import Manifests
import Planning

/// What libvirt and QEMU do with hostdevs, on a state. Texts and outcomes as measured with libvirt 11.3
/// and QEMU 10.0; see docs/host-behaviour.md.
extension SimulatedKernel {
  mutating func attach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    var guest = try guest(placement.guest)
    guard var list = guest.hostdevs(placement.part) else { throw Self.notRunning(placement.guest) }
    if case .qemu = placement.guest { return try plug(hostdev, into: guest, placement) }
    if let alias = Ownership.userAlias(hostdev.alias), list.contains(where: { $0.alias == alias }) {
      throw refusal(
        .unsupported, .domain, "unsupported configuration: non unique alias detected: \(alias)")
    }
    switch placement.part {
    case .persistent:
      guard !list.contains(where: { $0.address == hostdev.address }) else {
        throw refusal(
          .operationInvalid, .qemu,
          "Requested operation is not valid: device is already in the domain configuration")
      }
      list.append(hostdev)
      guest.persistent = list
    case .live:
      if guest.freePorts == 0 {
        throw refusal(.internalError, .domain, "internal error: No more available PCI slots")
      }
      try open(hostdev, for: placement.guest)
      if hostdev.device == .interface { try configure(hostdev) }
      var running = hostdev
      // As libvirt names what nobody has named.
      if Ownership.userAlias(hostdev.alias) == nil {
        running.alias = "hostdev\(list.count)"
      }
      list.append(running)
      guest.live = list
      guest.freePorts = guest.freePorts.map { $0 - 1 }
    }
    try store(guest, placement.guest)
  }

  mutating func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    let guest = try guest(placement.guest)
    guard let list = guest.hostdevs(placement.part) else { throw Self.notRunning(placement.guest) }
    guard let index = list.firstIndex(where: { $0.address == hostdev.address && $0.alias == hostdev.alias })
    else {
      throw refusal(
        .deviceMissing, .qemu, "device not found: no host device \(hostdev.address) in \(guest.name)")
    }
    if placement.part == .live {
      let unplug = state.simulation?.unplug[guest.name] ?? .answers
      guard unplug == .answers, guest.run == .running else {
        if unplug == .late { state.simulation?.leaving[guest.name, default: []].append(hostdev.address) }
        let name = if case .qemu(let socket) = placement.guest { "the QEMU at \(socket)" } else { guest.name }
        throw .unplugUnanswered(hostdev, by: name)
      }
    }
    try remove(at: index, guest, placement)
  }

  /// The guests that have been asked before, and answer late.
  mutating func letGoWhatIsLeaving() {
    for (name, addresses) in state.simulation?.leaving ?? [:] {
      for (manager, guest) in state.allGuests where guest.name == name {
        for address in addresses {
          guard let now = try? self.guest(manager),
            let index = now.live?.firstIndex(where: { $0.address == address })
          else { continue }
          // The guest is there, and has it.
          try? remove(at: index, now, Placement(guest: manager, part: .live))
        }
      }
    }
    state.simulation?.leaving = [:]
  }

  private mutating func remove(
    at index: Int, _ guest: GuestState, _ placement: Placement
  ) throws(HostFailure) {
    var guest = guest
    switch placement.part {
    case .persistent:
      guest.persistent?.remove(at: index)
      try store(guest, placement.guest)
    case .live:
      guard let hostdev = guest.live?.remove(at: index) else { return }
      guest.freePorts = guest.freePorts.map { $0 + 1 }
      if let bus = hostdev.bus { guest.changeFree(on: bus, by: 1) }
      try store(guest, placement.guest)
      close(hostdev)
    }
  }

  private static func notRunning(_ guest: GuestManager) -> HostFailure {
    switch guest {
    case .libvirt:
      HostFailure(
        LibvirtError(
          .operationInvalid, .domain, "Requested operation is not valid: domain is not running"))
    case .qemu(let socket): HostFailure(.refused, "the QEMU at \(socket) does not run")
    }
  }

  private func refusal(
    _ code: LibvirtError.Code, _ domain: LibvirtError.Domain, _ message: String
  ) -> HostFailure {
    HostFailure(LibvirtError(code, domain, message))
  }

  /// libvirt binds a managed device itself and remembers from where; QEMU opens its group.
  private mutating func open(_ hostdev: Hostdev, for manager: GuestManager) throws(HostFailure) {
    let number = try index(of: hostdev.address)
    if let owner = state.allGuests.first(where: {
      $0.state.live?.contains { $0.address == hostdev.address } ?? false
    }) {
      throw refusal(
        .operationInvalid, .none,
        "Requested operation is not valid: PCI device \(hostdev.address) is in use by driver QEMU, domain "
          + owner.state.name)
    }
    if state.functions[number].driver != "vfio-pci" {
      guard hostdev.isManaged, case .libvirt = manager else {
        throw refusal(
          .operationInvalid, .none,
          "Requested operation is not valid: Unmanaged PCI device \(hostdev.address) must be manually detached "
            + "from the host")
      }
      try takeForLibvirt(hostdev.address, from: state.functions[number].driver)
    }
    if let problem = openGroup(of: hostdev.address, for: manager) {
      throw refusal(
        .internalError, .qemu, "internal error: unable to execute QEMU command 'device_add': \(problem)")
    }
  }

  /// What QEMU says where it cannot open the function's group.
  mutating func openGroup(of address: PCIAddress, for manager: GuestManager) -> String? {
    guard let function = state[address] else {
      return "vfio /sys/bus/pci/devices/\(address): no such host device: No such file or directory"
    }
    let staying = state.functions.first { other in
      other.address != function.address && other.iommuGroup == function.iommuGroup
        && other.driver.map { !Drivers.isPassthrough($0) && $0 != "pcieport" } ?? false
    }
    if staying != nil { return "vfio \(address): group \(function.iommuGroup ?? 0) is not viable" }
    let group = group(of: address)
    let isItsOwn = isOpen(group) { $0 == manager }
    if !isItsOwn, group.contains(where: { state.functions[$0].holders.value?.isEmpty == false }) {
      return
        "vfio \(address): Could not open '/dev/vfio/\(function.iommuGroup ?? 0)': Device or resource busy"
    }
    // Whoever has one function of a group has the group, and is seen with each of its functions.
    let holder = Holder(process: Self.process(of: manager), command: "qemu-system-x86")
    for number in group where HolderReader.couldBeHeld(state.functions[number]) {
      state.functions[number].holders = .known([holder])
    }
    return nil
  }

  /// Where the functions are that share the function's group, itself among them.
  private func group(of address: PCIAddress) -> [Int] {
    guard let function = state[address] else { return [] }
    return state.functions.indices.filter { index in
      state.functions[index].address == address
        || function.iommuGroup != nil && state.functions[index].iommuGroup == function.iommuGroup
    }
  }

  /// Whether such a guest has one of these functions now.
  private func isOpen(_ group: [Int], by isMeant: (GuestManager) -> Bool = { _ in true }) -> Bool {
    let addresses = Set(group.map { state.functions[$0].address })
    return state.allGuests.contains { guest in
      isMeant(guest.manager) && guest.state.live?.contains { addresses.contains($0.address) } ?? false
    }
  }

  private mutating func takeForLibvirt(_ address: PCIAddress, from driver: String?) throws(HostFailure) {
    try load("vfio-pci")
    try rebind(address, to: "vfio-pci")
    guard let driver else { return }
    var simulation = state.simulation ?? Simulation()
    simulation.managedFrom["\(address)"] = driver
    state.simulation = simulation
  }

  /// libvirt gives the VF its MAC address and its VLAN through the PF, and remembers what it found.
  private mutating func configure(_ hostdev: Hostdev) throws(HostFailure) {
    let index = try index(of: hostdev.address)
    guard case .known(let found) = state.functions[index].virtualFunction?.settings else { return }
    var simulation = state.simulation ?? Simulation()
    simulation.interfaceFrom["\(hostdev.address)"] = VFSettings(mac: found.mac, vlan: found.vlan)
    state.simulation = simulation
    let goal = VFSettings(mac: hostdev.mac, vlan: hostdev.vlan.map { VLAN(id: $0) } ?? VLAN.none)
    state.functions[index].virtualFunction?.settings = .known(found.with(goal))
  }

  /// The group closes with its last function, and libvirt puts a managed device back where it found it.
  private mutating func close(_ hostdev: Hostdev) {
    let group = group(of: hostdev.address)
    if !isOpen(group) { for number in group { state.functions[number].holders = .known([]) } }
    if let found = state.simulation?.interfaceFrom.removeValue(forKey: "\(hostdev.address)"),
      let number = group.first(where: { state.functions[$0].address == hostdev.address }),
      case .known(let now) = state.functions[number].virtualFunction?.settings
    {
      state.functions[number].virtualFunction?.settings = .known(now.with(found))
    }
    guard let driver = state.simulation?.managedFrom.removeValue(forKey: "\(hostdev.address)") else { return }
    // What goes wrong here, libvirt writes into its log only: the device has left the guest all the same.
    try? rebind(hostdev.address, to: driver)
    try? setOverride(nil, of: hostdev.address)
  }

  /// As libvirt does it, which asks nobody who has the group open.
  private mutating func rebind(_ address: PCIAddress, to driver: String) throws(HostFailure) {
    try setOverride(driver, of: address)
    if try binding(of: address).driver != nil { try unbind(address) }
    try probe(address)
  }

  /// Any number will do, as long as a guest keeps its own.
  private static func process(of manager: GuestManager) -> Int {
    manager.name.utf8.reduce(4000) { ($0 &* 31 &+ Int($1)) % 30_000 } + 1000
  }

  func guest(_ manager: GuestManager) throws(HostFailure) -> GuestState {
    switch state.guests(of: manager) {
    case .unavailable(let reason): throw HostFailure(.unreadable, reason)
    case .known(let guests):
      guard let guest = guests.first(where: { $0.name == manager.name }) else {
        if case .qemu(let socket) = manager {
          throw HostFailure(.unreadable, "the QEMU at \(socket) was not asked")
        }
        throw refusal(
          .noDomain, .qemu, "Domain not found: no domain with matching name '\(manager.name)'")
      }
      return guest
    }
  }

  mutating func store(_ guest: GuestState, _ manager: GuestManager) throws(HostFailure) {
    func replaced(_ list: Observed<[GuestState]>) -> Observed<[GuestState]> {
      .known((list.value ?? []).map { $0.name == guest.name ? guest : $0 })
    }
    switch manager {
    case .libvirt: state.libvirt = replaced(state.libvirt)
    case .qemu: state.qemu = replaced(state.qemu)
    }
  }
}
