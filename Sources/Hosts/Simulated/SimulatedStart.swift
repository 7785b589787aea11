import HostModel
import Manifests
import Planning

/// Simulates `virsh start`.
extension SimulatedKernel {
  /// Starts a domain from its definition or from its saved image. A failed start leaves the host
  /// and the image unchanged.
  mutating func start(_ domain: String) throws(HostFailure) {
    let before = state
    do throws(HostFailure) { try startOrFail(domain) } catch {
      state = before
      throw error
    }
  }

  private mutating func startOrFail(_ domain: String) throws(HostFailure) {
    var guest = try self.domain(domain)
    guard guest.live == nil, let defined = guest.persistent else {
      throw refusal(
        .operationInvalid, .qemu, "Requested operation is not valid: domain is already running")
    }
    let image = guest.saved
    var devices = defined
    if let image {
      // libvirt restores the devices of the image, not those of the definition.
      devices = image.devices.value ?? []
    } else {
      for network in guest.networks {
        devices.append(try deviceFromNetwork(network, for: domain, beside: devices))
      }
    }
    let ports = guest.freePorts
    (guest.run, guest.live, guest.freePorts, guest.saved) = (.running, [], nil, nil)
    guest.isSavedToFile = false
    store(guest, .libvirt)
    for device in devices { try attach(device, toDomain: domain, .live) }
    guest = try self.domain(domain)
    guest.freePorts = ports
    store(guest, .libvirt)
  }

  /// A device for the first member that the network has not assigned. libvirt records only the
  /// assignments of the network: if another device of the domain has that member, libvirt fails and
  /// does not try the next member.
  private func deviceFromNetwork(
    _ name: String, for domain: String, beside devices: [Hostdev]
  ) throws(HostFailure) -> Hostdev {
    guard let network = state.networks?.value?.first(where: { $0.name == name }), network.isActive else {
      throw refusal(
        .operationInvalid, .none, "Requested operation is not valid: network '\(name)' is not active")
    }
    let given = Set(
      state.allGuests.flatMap { $0.state.live ?? [] }.filter { $0.network == name }.map(\.address)
        + devices.filter { $0.network == name }.map(\.address))
    guard let free = state.members(of: network).first(where: { !given.contains($0) }) else {
      throw refusal(
        .internalError, .none,
        "internal error: network '\(name)' requires exclusive access to interfaces, but none are available")
    }
    guard !devices.contains(where: { $0.address == free }) else {
      throw refusal(
        .internalError, .none,
        "internal error: PCI device \(free) allocated from network \(name) is already in use by domain \(domain)"
      )
    }
    return Hostdev(address: free, alias: nil, isManaged: true, device: .interface, network: name)
  }
}
