import HostModel
import Manifests

/// Networks by which libvirt itself assigns VFs to guests.
extension ExaminedHost {
  var libvirtNetworks: [Check] {
    switch state.networks {
    // Networks are not recorded, or there is no libvirt, which another check reports.
    case nil: []
    case .unavailable(let reason)?:
      [.unknown(.libvirtNetwork, "whether a libvirt network assigns VFs", reason)]
    case .known(let networks)?:
      networks.isEmpty
        ? [.fine(.libvirtNetwork, "no libvirt network assigns VFs to guests")] : networks.map(check)
    }
  }

  private func check(_ network: HostdevNetwork) -> Check {
    let ports = state.functions.filter { function in
      host.networks.networks(onPort: function.address).contains { $0.name == network.name }
    }
    let members = state.members(of: network).map { address in
      let holding = host.holdings[address]?.first
      return "\(address)" + (holding.map { " in \($0.guest.name)" } ?? "")
    }
    let whose = ports.isEmpty ? "" : " of " + ports.map(\.shortSummary).joined(separator: " and ")
    let guests = host.guests(on: network).map(\.name)
    return .found(
      .libvirtNetwork,
      network.isActive
        ? "the libvirt network \(network.name) assigns VFs\(whose) to guests"
        : "the libvirt network \(network.name) assigns VFs\(whose) to guests once it is started"
          + (network.isAutostarted ? ", and the libvirt daemon starts it" : ""),
      details: (members.isEmpty ? [] : ["members: " + members.joined(separator: ", ")])
        + (guests.isEmpty ? [] : ["guests on it: " + guests.joined(separator: ", ")]),
      help: "do not claim these VFs in a manifest: assign them by the network or by pcipass, not by both"
    )
  }
}

extension PCIFunction {
  fileprivate var shortSummary: String {
    "\(address)" + (interfaceNames.first.map { " (\($0))" } ?? "")
  }
}
