import Documents
import Files
import HostModel
import Manifests

/// What becomes of functions that a libvirt network assigns to guests. Whether they may be claimed is for the guards.
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
          "\(change.address) is a member of the libvirt network \(network.name), which is not active: once it is, "
            + "libvirt may try to give it to a guest, whose start fails then"))
    }
    // What pcipass itself put into a guest is put away as ever.
    guard !isClaimed, network.ownsMembers, change.detach.isEmpty else { return }
    change.isHeldElsewhere = true
    // Of a PF's VFs that is said once, of the PF.
    if change.candidate.physicalFunction == nil {
      change.note(
        .hardware,
        Notice(
          .libvirtNetwork, nic: change.candidate.name,
          "the libvirt network \(network.name) assigns \(change.address) to guests: left alone"))
    }
  }

  /// A PF of which a network has VFs.
  private func notePort(_ function: PCIFunction, _ change: inout ProposedChange) {
    guard let nic = change.candidate.nic, nic.virtualFunctions != nil,
      change.candidate.reference?.virtualFunction == nil
    else { return }
    for network in host.networks.networks(onPort: function.address) where network.ownsMembers {
      let isResized = nic.virtualFunctions?.value.count != function.sriov?.count
      let command = "virsh net-destroy \(shellWord(network.name)), virsh net-start \(shellWord(network.name))"
      change.note(
        .hardware,
        Notice(
          .libvirtNetwork, nic: change.candidate.name,
          "the libvirt network \(network.name) assigns VFs of \(function.address) to guests: those that no guest "
            + "claims here are left alone"
            + (isResized ? "; it knows other VFs only after \(command)" : "")))
    }
  }
}
