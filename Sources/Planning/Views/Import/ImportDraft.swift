import Documents
import HostModel
import Manifests

/// The manifests of an import while they are made.
struct ImportDraft {
  let host: HostIndex
  let options: Import.Options
  private(set) var remarks: [Import.Remark] = []
  var nics: [HostNIC] = []
  /// The function of each NIC, by its name.
  private(set) var addresses: [String: PCIAddress] = [:]
  var claims: [(guest: GuestManager, claim: Claim)] = []

  /// Whether something is left out because a plan would do more than mark devices.
  var leavesOutChanges = false

  /// The number of NICs and claims in the draft.
  var count: Int { nics.count + claims.count }

  init(_ host: HostIndex, _ options: Import.Options) {
    self.host = host
    self.options = options
  }

  mutating func take() {
    let free = options.includesFree ? Availability.all(on: host) : [:]
    for (guest, state) in host.state.allGuests {
      if let reason = state.unavailable { note(guest.name, "its devices are unknown: \(reason)") }
    }
    for (address, holdings) in host.holdings.sorted(by: { $0.key < $1.key })
    where host.functions[address] == nil {
      note("\(address)", "left out: \(holdings[0].guest.name) has it, and the host has no function there")
    }
    for function in host.state.functions {
      guard function.deviceClass.isNetwork else {
        if host.holdings[function.address] != nil { note(function, "a guest has it, but it is not a NIC") }
        continue
      }
      // VFs are described with their PF.
      guard function.virtualFunction == nil else { continue }
      let parts = host.virtualFunctions[function.address] ?? []
      noteNetworks(of: function)
      if parts.contains(where: isAssigned) {
        takePool(function, parts)
      } else if isAssigned(function) || free[function.address] == .available {
        takeWhole(function)
      }
    }
  }

  /// Whether a guest has the function, or it is on a passthrough driver.
  private func isAssigned(_ function: PCIFunction) -> Bool {
    guard !isAssignedByLibvirt(function) else { return false }
    return host.holdings[function.address] != nil || Drivers.isPassthrough(function.driver)
  }

  /// Whether a libvirt network assigns the function to guests. Manifests have no influence on that.
  private func isAssignedByLibvirt(_ function: PCIFunction) -> Bool {
    host.networks.network(of: function)?.ownsMembers ?? false
      || host.holdings[function.address]?.contains { $0.network != nil } ?? false
  }

  private mutating func noteNetworks(of function: PCIFunction) {
    let parts = host.virtualFunctions[function.address] ?? []
    for network in host.networks.networks(onPort: function.address) where network.ownsMembers {
      let members = parts.filter { host.networks.network(of: $0)?.name == network.name }
      let guests = members.flatMap { host.holdings[$0.address] ?? [] }.filter { $0.network != nil }
        .map { "\($0.guest.name) has \($0.hostdev.address)" }
      note(
        function,
        "its VFs that the libvirt network \(network.name) assigns are left out"
          + (guests.isEmpty ? "" : ": " + guests.joined(separator: ", ")))
    }
    for part in parts where isAssignedByLibvirt(part) {
      for holding in host.holdings[part.address] ?? [] where holding.network == nil {
        note(
          part,
          "left out: \(holding.description), and the libvirt network "
            + "\(host.networks.network(of: part)?.name ?? "") also assigns it")
      }
    }
  }

  private mutating func takeWhole(_ function: PCIFunction) {
    var nic = entry(of: function)
    nic.driver = driver(of: function).map { Located($0) }
    guard host.holdings[function.address] != nil else {
      nic.reserve = Drivers.isPassthrough(function.driver)
      if let holder = function.holders.value?.first {
        note(
          function,
          "\(holder.command) (process \(holder.process)) has it open and is not a known guest: "
            + "to import it as a Guest, name its monitor (--qmp)")
      }
      return nics.append(nic)
    }
    guard let claim = claim(function, as: NICReference(nic: nic.name.value)) else { return }
    nics.append(nic)
    claims.append(claim)
  }

  /// Returns the entry of a NIC: its name, what selects it, and what it must be.
  private mutating func entry(of function: PCIFunction) -> HostNIC {
    let name = name(for: function)
    addresses[name] = function.address
    return HostNIC(
      name: Located(name),
      select: Located(options.entries[function.address]?.select ?? Selector(address: function.address)),
      expect: Located(Expectation(id: function.id)))
  }

  /// Returns the driver that the manifest must name, because a plan would otherwise choose another one.
  /// libvirt chooses the driver of managed devices.
  private func driver(of function: PCIFunction) -> PassthroughDriver? {
    guard let driver = function.driver.flatMap({ PassthroughDriver($0) }) else { return nil }
    let holdings = host.holdings[function.address] ?? []
    switch driver {
    case .vfioPCI, .auto: return nil
    case .pciStub: return driver
    case .variant:
      let isLibvirts = holdings.contains {
        $0.isManagedByLibvirt || $0.guest.vfioModel(of: $0.hostdev) != nil
      }
      return isLibvirts ? nil : driver
    }
  }

  private mutating func takePool(_ function: PCIFunction, _ parts: [PCIFunction]) {
    guard !isAssigned(function) else {
      return note(function, "both the PF and its VFs are assigned: a manifest can assign only one of them")
    }
    var nic = entry(of: function)
    nic.virtualFunctions = Located(VirtualFunctions(count: parts.count))
    nics.append(nic)
    for part in parts where host.holdings[part.address] != nil && !isAssignedByLibvirt(part) {
      let reference = NICReference(nic: nic.name.value, virtualFunction: part.virtualFunction?.index)
      guard var claim = claim(part, as: reference) else { continue }
      claim.claim.settings = settings(of: part, claim.claim.device)
      claims.append(claim)
    }
  }

  /// Returns the claim that describes how the one guest with the function has it now; `nil` if no
  /// claim can express that.
  private mutating func claim(
    _ function: PCIFunction, as reference: NICReference
  ) -> (guest: GuestManager, claim: Claim)? {
    let holdings = host.holdings[function.address] ?? []
    guard let first = holdings.first, holdings.allSatisfy({ $0.guest == first.guest }) else {
      note(
        function,
        "left out: it is assigned to several guests: \(holdings.map(\.description).joined(separator: "; "))")
      return nil
    }
    guard first.guest.canBeNamed else {
      note(function, "left out: a manifest cannot contain the name of its guest")
      return nil
    }
    // The definition counts if it differs from the running guest, because the next start uses it.
    let hostdev = (holdings.first { $0.part == .persistent } ?? first).hostdev
    let isDefined = holdings.contains { $0.part == .persistent }
    let isLive = holdings.contains { $0.part == .live }
    let runs = host.guests[first.guest]?.live != nil
    var claim = Claim(
      name: Located(name(of: hostdev, reference, in: first.guest)), from: Located(reference),
      device: hostdev.device, managed: hostdev.isManaged, hotplug: isLive || !runs)
    if first.guest.traits.preparesDevices {
      // The function is on a host driver until libvirt binds it to a passthrough driver.
      if !isLive, hostdev.isManaged, !Drivers.isPassthrough(function.driver) { claim.bind = .onStart }
      if isLive, !isDefined, host.guests[first.guest]?.persistent != nil, !options.onlyMarks {
        note(function, "only the running guest \(first.guest.name) has it: a plan adds it to the definition")
      }
    } else {
      claim.managed = true
    }
    return (first.guest, claim)
  }

  /// Returns the settings of the VF that differ from those that pcipass would choose itself.
  private mutating func settings(of part: PCIFunction, _ device: Hostdev.ElementKind) -> VFSettings {
    guard case .known(let now) = part.virtualFunction?.settings else { return VFSettings() }
    var settings = now.changed
    if settings.mac == nil, !options.onlyMarks {
      note(part, "its PF sets no MAC address: pcipass sets a stable one")
    }
    if device == .interface, let hostdev = host.holdings[part.address]?.first?.hostdev {
      settings.mac = hostdev.mac ?? settings.mac
      settings.vlan = hostdev.vlan.flatMap { $0 == 0 ? nil : VLAN(id: $0) } ?? settings.vlan
    }
    return settings
  }

  mutating func note(_ function: PCIFunction, _ text: String) { note("\(function.address)", text) }

  mutating func note(_ subject: String, _ text: String) {
    let remark = Import.Remark(subject: subject, text: text)
    if !remarks.contains(remark) { remarks.append(remark) }
  }
}
