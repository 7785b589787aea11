import Documents
import HostModel
import Manifests

/// Checks that no other tool owns the function, and that no guest has it without the ownership mark of
/// pcipass.
enum OwnerGuard {
  static let questions = [
    GuardQuestion(.owner, .transition) { change, context in
      context.networkOwner(of: change).map { [GuardResult(.foreignOwner, $0)] } ?? []
    },
    GuardQuestion(.owner, .endState) { change, context in
      let others = change.otherHoldings
      var results = others.filter { !$0.isAssignedByPcipass }.map {
        GuardResult(.foreignOwner, guest: context.name(of: $0.guest), context.owner(of: $0, change))
      }
      results += context.aliases(ofAnotherTool: change)
      // Whether libvirt's guests have it is known only if libvirt was asked.
      if let guestClaim = change.candidate.guestClaim, others.isEmpty,
        context.host.state.libvirt.reason == nil
      {
        results.append(
          GuardResult(
            .foreignOwner, guest: guestClaim.guest.name, .passed("no other guest that is known has it")))
      }
      return results
    },
    GuardQuestion(.tool, .transition) { change, context in
      guard let function = change.candidate.function, !change.candidate.isCreatedByPlan,
        change.binding != nil || context.boundAtGuestStart(change) != nil
      else { return [] }
      // The run that is undone removed it from the guest, and libvirt put it back to the driver that it
      // found.
      if context.undoesUnfinishedRun, change.isHotplugged { return [] }
      return [GuardResult(.foreignOwner, tool(function))]
    },
  ]

  private static func tool(_ function: PCIFunction) -> GuardOutcome {
    if let owner = function.foreignOwner {
      return .violated(
        Violation(
          .foreignOwner, "\(function.address) is another tool's: \(owner)",
          help: "release it there, or allow: [foreign-owner] on the NIC", found: owner))
    }
    guard let driver = function.driver else { return .passed("it has no driver") }
    return .passed("its driver is \(driver)" + (Drivers.isNative(driver) ? ", the host's own" : ""))
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
  /// What guests other than the owner have of the function: all of it if another guest becomes the owner,
  /// otherwise what the change removes.
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
    case .back where isLost: return .passed("\(guest) has it from pcipass")
    case .forward(let prunes)
    where holding.isAssignedByPcipass && (names.described(holding.guest) != nil || prunes):
      let isDescribed = names.described(holding.guest) != nil
      return .passed(
        "\(guest) has it from pcipass, and is " + (isDescribed ? "among the manifests" : "to be pruned"))
    case .forward, .back:
      return .violated(
        Violation(
          .foreignOwner, "\(guest) has it\(holding.part == .live ? "" : " in its definition")",
          details: [holding.description],
          help: holding.isAssignedByPcipass
            ? "give the manifest of \(guest) too, or use --prune if it was deleted"
            : "take it out there by hand, or allow: [foreign-owner] on the NIC",
          origin: change.candidate.guestClaim?.claim.from.location?.description))
    }
  }
}

extension GuardContext {
  /// Returns violations for devices of the claiming guest with an alias that another tool or a person chose
  /// and may rely on.
  fileprivate func aliases(ofAnotherTool change: ProposedChange) -> [GuardResult] {
    guard isForward else { return [] }
    return change.edits.compactMap { edit in
      guard !edit.holding.isAssignedByPcipass, let alias = Ownership.userAlias(edit.holding.hostdev.alias)
      else {
        return nil
      }
      let guest = name(of: edit.holding.guest)
      return GuardResult(
        .foreignOwner, guest: guest,
        .violated(
          Violation(
            .foreignOwner,
            "\(guest) has \(change.address) with the alias \(alias), which another tool gave it",
            details: ["\(edit.holding)"],
            help: "remove it there, or allow: [foreign-owner] on the NIC: the alias becomes "
              + (edit.attachment.hostdev.alias ?? "none"),
            origin: change.candidate.guestClaim?.claim.from.location?.description)))
    }
  }
}
