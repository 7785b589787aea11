import Documents
import Files
import HostModel
import Manifests

/// VFs that a libvirt network assigns to guests belong to libvirt. `OwnerGuard` and `InUseGuard`
/// use these checks.
extension GuardContext {
  /// Returns the violation if a libvirt network can assign the function to its guests while a guest claims it
  /// or a Host reserves it. `nil` if there is no such network, and for functions that return to the host.
  func networkOwner(of change: ProposedChange) -> GuardOutcome? {
    guard !undoesUnfinishedRun, takes(change), let function = change.candidate.function,
      let network = host.networks.network(of: function), network.ownsMembers
    else { return nil }
    let having = host.holdings[change.address]?.first { $0.network != nil }
    let guests = host.guests(on: network).map { "the guest \($0.name) has an interface on this network" }
    return .violated(
      Violation(
        .ownership,
        "\(change.address) belongs to the libvirt network \(network.name), which assigns it to guests",
        details: having.map { [$0.description] } ?? guests,
        help: having.map { "\(release($0)), and remove the VF from the network" }
          ?? "remove the VF from the network (virsh net-edit \(shellWord(network.name))), or stop the network "
          + "(virsh net-destroy, virsh net-autostart --disable); or set allow: [ownership] on the NIC: a guest "
          + "on the network may then fail to start",
        found: "it belongs to the libvirt network \(network.name)"))
  }

  private func takes(_ change: ProposedChange) -> Bool {
    if isForward { return change.candidate.guestClaim != nil || change.candidate.nic?.reserve ?? false }
    return !change.attach.isEmpty || Drivers.isPassthrough(change.goal?.driver)
  }

  /// Returns the violation if a running guest has the function from a libvirt network. libvirt records that
  /// itself, so such a function is not changed, whatever the manifest allows.
  func networkUse(of change: ProposedChange) -> GuardOutcome? {
    guard let holding = change.candidate.holdings.first(where: { $0.network != nil }),
      takes(change) || !change.attach.isEmpty || !change.detach.isEmpty || change.binding != nil
        || change.configure != nil
    else { return nil }
    return .violated(
      Violation(
        .inUse,
        "the libvirt network \(holding.network ?? "") assigned \(change.address) to \(name(of: holding.guest))",
        details: [holding.description], help: "\(release(holding)) first"))
  }

  private func release(_ holding: Holding) -> String {
    "shut down \(holding.guest.name) or remove its interface (virsh detach-interface)"
  }
}
