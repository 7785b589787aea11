import Documents
import HostModel
import Manifests

/// Checks that no other tool owns the function, and that no guest has it without the ownership mark of
/// pcipass.
enum OwnerGuard {
  static let questions = [
    GuardQuestion(.owner, .transition) { change, context in
      context.networkOwner(of: change).map { [GuardResult(.ownership, $0)] } ?? []
    },
    GuardQuestion(.owner, .endState) { change, context in
      let others = change.otherHoldings
      var results = others.filter { !$0.isAssignedByPcipass }.map {
        GuardResult(.ownership, guest: context.name(of: $0.guest), context.owner(of: $0, change))
      }
      results += context.aliases(ofAnotherTool: change)
      // Whether libvirt guests have it is known only if libvirt was queried.
      if let guestClaim = change.candidate.guestClaim, others.isEmpty,
        context.host.state.libvirt.reason == nil
      {
        results.append(
          GuardResult(
            .ownership, guest: guestClaim.guest.name, .passed("no other known guest has it")))
      }
      return results
    },
    GuardQuestion(.tool, .transition) { change, context in
      guard let function = change.candidate.function, !change.candidate.isCreatedByPlan,
        change.binding != nil || context.boundAtGuestStart(change) != nil
      else { return [] }
      // The run that is undone removed it from the guest, and libvirt bound it to the driver that it
      // found.
      if context.undoesUnfinishedRun, change.isHotplugged { return [] }
      return [GuardResult(.ownership, tool(function))]
    },
  ]

  private static func tool(_ function: PCIFunction) -> GuardOutcome {
    if let owner = function.foreignOwner {
      return .violated(
        Violation(
          .ownership, "another tool manages \(function.address): \(owner)",
          help: "release it in that tool, or set allow: [ownership] on the NIC", found: owner))
    }
    guard let driver = function.driver else { return .passed("it has no driver") }
    return .passed("its driver is \(driver)" + (Drivers.isNative(driver) ? " (native)" : ""))
  }
}

/// Checks that no guest which the manifests do not describe has the function from pcipass.
enum UnmanagedGuard {
  static let questions = [
    GuardQuestion(.owner, .endState) { change, context in
      change.otherHoldings.filter(\.isAssignedByPcipass).map {
        GuardResult(.unmanaged, guest: context.name(of: $0.guest), context.owner(of: $0, change))
      }
    }
  ]
}

extension ProposedChange {
  /// The holdings of guests other than the owner: all of them if another guest becomes the owner,
  /// otherwise those that the change removes.
  fileprivate var otherHoldings: [Holding] {
    let all = owner == nil ? detach : candidate.holdings
    return all.filter { $0.guest != owner }
  }
}

extension GuardContext {
  /// Returns whether the guest may lose the function.
  fileprivate func owner(of holding: Holding, _ change: ProposedChange) -> GuardOutcome {
    let guest = name(of: holding.guest)
    let isLost = isDetached(holding.hostdev, holding.placement)
    switch direction {
    case .back where isLost: return .passed("pcipass assigned it to \(guest)")
    case .forward(let prunes)
    where holding.isAssignedByPcipass && (names.described(holding.guest) != nil || prunes):
      let isDescribed = names.described(holding.guest) != nil
      return .passed(
        "pcipass assigned it to \(guest), "
          + (isDescribed ? "which a manifest describes" : "whose NICs --prune removes"))
    case .forward, .back:
      return .violated(
        Violation(
          .ownership, "\(guest) has \(change.address)\(holding.part == .live ? "" : " in its definition")",
          details: [holding.description],
          help: holding.isAssignedByPcipass && !isForward
            ? "remove it from \(guest) first: apply a manifest of \(guest) that does not claim it"
            : holding.isAssignedByPcipass
              ? "also pass the manifest of \(guest), or use --prune if it was deleted"
              : "remove it from \(guest) by hand, or set allow: [ownership] on the NIC",
          origin: change.candidate.guestClaim?.claim.from.location?.description))
    }
  }
}

extension GuardContext {
  /// Returns violations for devices of the claiming guest with an alias that another tool or a
  /// person has set and may depend on.
  fileprivate func aliases(ofAnotherTool change: ProposedChange) -> [GuardResult] {
    guard isForward else { return [] }
    return change.edits.compactMap { edit in
      guard !edit.holding.isAssignedByPcipass, let alias = Ownership.userAlias(edit.holding.hostdev.alias)
      else {
        return nil
      }
      let guest = name(of: edit.holding.guest)
      return GuardResult(
        .ownership, guest: guest,
        .violated(
          Violation(
            .ownership,
            "\(guest) has \(change.address) with the alias \(alias), which another tool set",
            details: ["\(edit.holding)"],
            help: "remove the alias, or set allow: [ownership] on the NIC: the alias then becomes "
              + (edit.attachment.hostdev.alias ?? "none"),
            origin: change.candidate.guestClaim?.claim.from.location?.description)))
    }
  }
}
