import HostModel

/// The functions that libvirt assigns to guests by itself, through its networks with forward mode hostdev.
struct NetworkMembers {
  private var networks: [PCIAddress: HostdevNetwork] = [:]
  /// By the PF: VFs that are still to be created are members, too.
  private var ofPorts: [PCIAddress: [HostdevNetwork]] = [:]

  init(_ state: HostState) {
    // Of two networks that have the same member, the one that is in use counts.
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

  /// The network that a function is a member of; nil where it is of none.
  func network(of function: PCIFunction) -> HostdevNetwork? {
    if let network = networks[function.address] { return network }
    guard let port = function.virtualFunction?.physicalFunction else { return nil }
    return ofPorts[port]?.first { !$0.interfaces.isEmpty }
  }

  /// The networks that have VFs of a PF.
  func networks(onPort address: PCIAddress) -> [HostdevNetwork] { ofPorts[address] ?? [] }

  /// The network that gave a running guest this device; nil where it got it in another way.
  ///
  /// libvirt's XML of what runs shows the VF and not the network. The network is known where the definition has an interface
  /// with the same MAC address on it. A guest without a definition, or one whose interface was added while it runs, shows
  /// only that it has a member as an interface.
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
  /// Guests whose definition has an interface on the network.
  func guests(on network: HostdevNetwork) -> [GuestState] {
    (state.libvirt.value ?? []).filter { $0.networks.contains(network.name) }
  }
}
