import HostModel
import Manifests
import Planning

/// A simulated libvirt. Messages and outcomes are as measured with libvirt 11.3; see
/// docs/host-behaviour.md.
struct SimulatedLibvirt: GuestBackend {
  let step: SimulatedStep

  func guests() -> Observed<[GuestState]> { step.state.libvirt }

  func guests(after changed: Set<String>, since before: [GuestState]) -> Observed<[GuestState]> { guests() }

  func guest(_ name: String) throws(HostFailure) -> GuestState? {
    try step.look { kernel throws(HostFailure) in try kernel.guest(.libvirt(domain: name)) }
  }

  func attach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    try step.write { kernel throws(HostFailure) in
      try kernel.attach(hostdev, toDomain: placement.guest.name, placement.part)
    }
  }

  func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    try step.write { kernel throws(HostFailure) in
      try kernel.detach(hostdev, fromDomain: placement.guest.name, placement.part)
    }
  }

  func definition(
    of hostdev: Hostdev, _ placement: Placement, as device: Hostdev.ElementKind
  ) throws(HostFailure) -> DefinedDevice {
    try step.look { kernel throws(HostFailure) in
      try kernel.definition(of: hostdev, inDomain: placement.guest.name, as: device)
    }
  }

  func edit(_ edit: EditDevice) throws(HostFailure) {
    try step.write { kernel throws(HostFailure) in try kernel.edit(edit) }
  }

  func isBusy(with name: String) -> Bool { false }
}

extension SimulatedKernel {
  mutating func attach(
    _ hostdev: Hostdev, toDomain name: String, _ part: Placement.Part
  ) throws(HostFailure) {
    var domain = try domain(name)
    guard var list = domain.hostdevs(part) else { throw Self.domainIsOff }
    try checkAlias(hostdev, in: list)
    var placed = hostdev
    if !hostdev.isUnassigned {
      placed.guestAddress = placed.guestAddress ?? Self.freeAddress(beside: list)
    }
    switch part {
    case .persistent:
      guard !list.contains(where: { $0.address == hostdev.address }) else {
        throw refusal(
          .operationInvalid, .qemu,
          "Requested operation is not valid: device is already in the domain configuration")
      }
      list.append(placed)
      domain.persistent = list
      domain.renumber()
      // libvirt rejects a device with a boot order beside `<boot dev='hd'/>`; pcipass removes that
      // element in the same define.
      if hostdev.hasBootOrder { state.simulation?.bootDevices.removeAll { $0 == name } }
    case .live:
      if domain.freePorts == 0, !hostdev.isUnassigned {
        throw refusal(.internalError, .domain, "internal error: No more available PCI slots")
      }
      try open(hostdev, forDomain: name)
      if hostdev.device == .interface { try configure(hostdev) }
      // libvirt generates an alias for a device without a user alias.
      if Ownership.userAlias(hostdev.alias) == nil { placed.alias = "hostdev\(list.count)" }
      list.append(placed)
      domain.live = list
      if !hostdev.isUnassigned { domain.freePorts = domain.freePorts.map { $0 - 1 } }
    }
    store(domain, .libvirt)
  }

  mutating func detach(
    _ hostdev: Hostdev, fromDomain name: String, _ part: Placement.Part
  ) throws(HostFailure) {
    let domain = try domain(name)
    guard let list = domain.hostdevs(part) else { throw Self.domainIsOff }
    let index = try index(of: hostdev, in: list, of: name)
    if part == .live {
      guard list[index].neighbours(in: list).isEmpty, list[index].slotFunctions.isEmpty else {
        throw refusal(
          .operationFailed, .qemu,
          "operation failed: cannot hot unplug hostdev device with multifunction PCI guest address: "
            + (list[index].guestAddress.map { "\($0)" } ?? ""))
      }
      try requestUnplug(of: hostdev, from: domain, called: name)
    }
    try remove(at: index, of: .libvirt(domain: name), part)
  }

  /// The domain of this name. Throws libvirt's error if there is none.
  func domain(_ name: String) throws(HostFailure) -> GuestState {
    guard let domain = try guest(.libvirt(domain: name)) else {
      throw refusal(.noDomain, .qemu, "Domain not found: no domain with matching name '\(name)'")
    }
    return domain
  }

  /// The guest address that libvirt chooses for a device: the only slot of a free root port.
  private static func freeAddress(beside hostdevs: [Hostdev]) -> PCIAddress? {
    let taken = Set(hostdevs.compactMap(\.guestAddress))
    return (UInt32(1)...255).lazy.compactMap { PCIAddress(domain: 0, bus: $0, device: 0, function: 0) }
      .first { !taken.contains($0) }
  }

  private static var domainIsOff: HostFailure {
    HostFailure(
      LibvirtError(.operationInvalid, .domain, "Requested operation is not valid: domain is not running"))
  }
}
