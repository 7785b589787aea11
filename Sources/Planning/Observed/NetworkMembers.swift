import HostModel

/// The functions that libvirt assigns to guests itself, through networks with `<forward mode='hostdev'>`
/// (https://libvirt.org/formatnetwork.html).
struct NetworkMembers {
  private var networks: [PCIAddress: HostdevNetwork] = [:]
  /// The networks of each PF: VFs that are not created yet are members, too.
  private var ofPorts: [PCIAddress: [HostdevNetwork]] = [:]

  init(_ state: HostState) {
    // If two networks have the same member, the one that is in use counts.
    for network in (state.networks?.value ?? []).sorted(by: { $0.ownsMembers && !$1.ownsMembers }) {
      var ports = Set(
        state.functions.filter { function in
          function.interfaces.contains { $0.namespace == nil && network.interfaces.contains($0.name) }
        }.map(\.address))
      let members = Set(state.members(of: network))
      for function in state.functions where members.contains(function.address) {
        if let port = function.virtualFunction?.physicalFunction { ports.insert(port) }
      }
      for address in members where networks[address] == nil { networks[address] = network }
      for port in ports { ofPorts[port, default: []].append(network) }
    }
  }

  /// Returns the network that a function is a member of, if any.
  func network(of function: PCIFunction) -> HostdevNetwork? {
    if let network = networks[function.address] { return network }
    guard let port = function.virtualFunction?.physicalFunction else { return nil }
    return ofPorts[port]?.first { !$0.interfaces.isEmpty }
  }

  /// Returns the networks that have VFs of a PF.
  func networks(onPort address: PCIAddress) -> [HostdevNetwork] { ofPorts[address] ?? [] }

  /// Returns the network that assigned this device to a running guest, or `nil` if the guest got it in
  /// another way.
  ///
  /// The live XML of libvirt shows the VF and not the network. The reader finds the network if the definition
  /// has an interface with the same MAC address on it. If there is no such definition, an interface on a
  /// member of an active network counts as assigned by that network.
  func assigner(of hostdev: Hostdev, in guest: GuestState) -> String? {
    if let network = hostdev.network { return network }
    let isDefined = guest.persistent?.contains { $0.address == hostdev.address } ?? false
    guard hostdev.device == .interface, !isDefined, let network = networks[hostdev.address],
      network.isActive
    else { return nil }
    return network.name
  }
}

extension HostIndex {
  /// Returns the guests whose definition has an interface on the network.
  func guests(on network: HostdevNetwork) -> [GuestState] {
    (state.libvirt.value ?? []).filter { $0.networks.contains(network.name) }
  }
}
