import Documents
import Files
import HostModel
import Manifests

/// Functions that a libvirt network assigns to guests. Guards decide whether they can be claimed.
extension PlanBuilder {
  func decideNetwork(_ change: inout ProposedChange) {
    guard let function = change.candidate.function else { return }
    notePort(function, &change)
    guard let network = host.networks.network(of: function) else { return }
    let isClaimed = change.candidate.guestClaim != nil || change.candidate.nic?.reserve ?? false
    if isClaimed, !network.ownsMembers {
      change.note(
        .hardware,
        Notice(
          .libvirtNetwork, nic: change.candidate.name, guest: change.candidate.guest,
          "\(change.address) belongs to the libvirt network \(network.name), which is inactive: once it is active, "
            + "libvirt may assign \(change.address) to another guest, and that guest fails to start"))
    }
    // A device that pcipass itself added to a guest is removed as usual.
    guard !isClaimed, network.ownsMembers, change.detach.isEmpty else { return }
    change.isHeldElsewhere = true
    // One notice for the PF is enough for all of its VFs.
    if change.candidate.physicalFunction == nil {
      change.note(
        .hardware,
        Notice(
          .libvirtNetwork, nic: change.candidate.name,
          "the libvirt network \(network.name) assigns \(change.address) to guests: not changed"))
    }
  }

  /// Adds a notice if a libvirt network has VFs of the PF.
  private func notePort(_ function: PCIFunction, _ change: inout ProposedChange) {
    guard let nic = change.candidate.nic, nic.virtualFunctions != nil,
      change.candidate.reference?.virtualFunction == nil
    else { return }
    for network in host.networks.networks(onPort: function.address) where network.ownsMembers {
      let isResized = nic.virtualFunctions?.value.count != function.sriov?.count
      let command =
        "virsh net-destroy \(shellWord(network.name)) && virsh net-start \(shellWord(network.name))"
      change.note(
        .hardware,
        Notice(
          .libvirtNetwork, nic: change.candidate.name,
          "the libvirt network \(network.name) assigns VFs of \(function.address) to guests: VFs that no manifest "
            + "claims are not changed"
            + (isResized ? "; to make the network use the new VFs: \(command)" : "")))
    }
  }
}
