import Documents
import HostModel
import Manifests

/// Checks that no process has the function open, and that no guest keeps a VF that would be deleted.
enum InUseGuard {
  static let questions = [
    GuardQuestion(.owner, .transition) { change, context in
      context.networkUse(of: change).map { [GuardResult(.inUse, $0)] } ?? []
    },
    GuardQuestion(.vfUsers, .transition) { change, context in
      guard let resize = change.resize else { return [] }
      return context.vfUse(of: change, resize).map { [GuardResult(.inUse, $0)] } ?? []
    },
    // Another running guest that has the function keeps it, whatever the owner guard allows. One
    // that has another function of the group counts only if the guard of the group is not
    // evaluated.
    GuardQuestion(.holdersBesideGuests, .transition) { change, context in
      guard let function = change.candidate.function, let guest = change.hotplugTarget,
        let other = context.host.liveHoldings(ofGroupOf: function).first(where: { holding in
          holding.guest != guest && !context.isDetached(holding.hostdev, holding.placement)
            && (!context.guestsMustStart || holding.hostdev.address == function.address)
        })
      else { return [] }
      return [
        GuardResult(
          .inUse,
          .violated(
            Violation(
              .inUse,
              "the running guest \(context.name(of: other.guest)) has the IOMMU group of \(function.address)",
              details: [other.description],
              help: "release it there first, or shut down \(context.name(of: other.guest))")))
      ]
    },
    // A process that has a function of the group open prevents the guest from opening it. If it is
    // a guest, the guard of the group is evaluated instead.
    GuardQuestion(.holdersBesideGuests, .transition) { change, context in
      guard context.knowsHolders, let function = change.candidate.function, !change.candidate.isCreatedByPlan,
        change.binding == nil,
        change.isHotplugged, context.host.liveHoldings(ofGroupOf: function).isEmpty
      else { return [] }
      return [GuardResult(.inUse, context.use(of: function))]
    },
    GuardQuestion(.holders, .transition) { change, context in
      guard context.knowsHolders, let function = change.rebinding?.function ?? change.vfToReset else {
        return []
      }
      if context.joinsOpenGroup(change) {
        return [GuardResult(.inUse, .passed("a guest has its IOMMU group open, but not this function"))]
      }
      return [GuardResult(.inUse, context.use(of: function))]
    },
    // A plan binds what it assigns. A rollback may unbind what a later apply assigned.
    GuardQuestion(.holders, .endState) { change, context in
      guard !context.isForward, let (function, goal) = change.rebinding,
        context.guestsMustStart(with: function), !Drivers.isPassthrough(goal.driver)
      else { return [] }
      return context.passthroughDriverRequirement(for: function, goal).map { [GuardResult(.inUse, $0)] } ?? []
    },
  ]
}

extension GuardContext {
  /// Returns whether a process keeps the function open. Guests that have it open may release it in the same
  /// plan.
  fileprivate func use(of function: PCIFunction) -> GuardOutcome {
    isReleasedByGuests(function)
      ? .passed("the guests that have it open release it first") : function.processUse
  }

  /// Returns the violation if a libvirt guest keeps the function with `managed: false`: it could not start
  /// with the function on a host driver. `nil` if there is no such guest.
  fileprivate func passthroughDriverRequirement(
    for function: PCIFunction, _ goal: Binding
  ) -> GuardOutcome? {
    let kept = placementsAtEnd(of: function.address, where: { !$0.isManaged }).first { placement in
      placement.guest.traits.hasDefinition && placement.part == .persistent
    }
    return kept.map { placement in
      let guest = name(of: placement.guest)
      return .violated(
        Violation(
          .inUse, "\(guest) has \(function.address) with managed: false and could not start",
          details: ["\(function.address) would be on \(goal)"],
          help: "first roll back the apply that assigned it: pcipass history"))
    }
  }

  /// Whether a function without a driver is bound to a VFIO driver while running guests have other
  /// functions of its group. This does not affect these guests.
  fileprivate func joinsOpenGroup(_ change: ProposedChange) -> Bool {
    guard let (function, goal) = change.rebinding, function.driver == nil,
      goal.driver.map(Drivers.isVFIO) ?? false
    else { return false }
    let live = host.liveHoldings(ofGroupOf: function)
    return !live.isEmpty && !live.contains { $0.hostdev.address == function.address }
  }

  /// Whether guests have the group of the function open and all of them release it.
  private func isReleasedByGuests(_ function: PCIFunction) -> Bool {
    let live = host.liveHoldings(ofGroupOf: function)
    return !live.isEmpty && live.allSatisfy { isDetached($0.hostdev, $0.placement) }
  }

  /// Returns whether the VFs of a PF are unused, since the kernel deletes all of them to change their number.
  /// `nil` if the PF has no VFs, or that is unknown.
  fileprivate func vfUse(
    of change: ProposedChange, _ resize: (from: VFSet, to: VFSet)
  ) -> GuardOutcome? {
    let members = host.virtualFunctions[change.address] ?? []
    let isUnknown = part == .host && resize.from.count > 0
    guard !members.isEmpty || isUnknown else { return nil }
    let users = members.flatMap {
      claimants(of: $0, besides: change.candidate) + self.users(of: $0, staying: resize.to.count)
        + receivingDefinitions(of: $0, staying: resize.to.count)
    }
    // Whether definitions have them is known only if libvirt was queried.
    guard !users.isEmpty else {
      if isUnknown { return .violated(unknownUse(of: change, resize)) }
      return host.state.libvirt.reason == nil ? .passed("none of its VFs is in use") : nil
    }
    return .violated(
      Violation(
        .inUse,
        "the VFs of \(change.address) cannot be replaced (\(resize.from.count) → \(resize.to.count)): "
          + "this deletes all of them, and some are in use",
        details: users,
        help:
          "release these VFs first; pcipass does not write sriov_numvfs while they are in use, because the write can "
          + "block forever",
        origin: change.candidate.nic?.virtualFunctions?.location?.description))
  }

  /// Returns the violation of a run that does not look at guests.
  private func unknownUse(
    of change: ProposedChange, _ resize: (from: VFSet, to: VFSet)
  ) -> Violation {
    Violation(
      .unavailable,
      "the VFs of \(change.address) cannot be replaced (\(resize.from.count) → \(resize.to.count)): whether a guest "
        + "has one of them is unknown, because \(HostState.guestsNotLookedAt)",
      help: "use the command without --part host",
      origin: change.candidate.nic?.virtualFunctions?.location?.description)
  }

  /// Returns the Host entry that selects the VF itself, not as a part of its PF: that VF would be deleted
  /// with the others.
  private func claimants(of function: PCIFunction, besides physical: Candidate) -> [String] {
    guard let reference = changes[function.address]?.candidate.reference,
      reference.nic != physical.reference?.nic
    else { return [] }
    return ["a Host selects \(function.address) as the NIC \(reference)"]
  }

  /// Returns the definitions that get or keep, in a rollback, a VF that the rollback deletes: one that was
  /// lost in a reboot and created again since.
  private func receivingDefinitions(of function: PCIFunction, staying count: Int) -> [String] {
    guard !isForward, guestsMustStart, function.virtualFunction?.index ?? 0 >= count else { return [] }
    guard let change = changes[function.address] else { return [] }
    let kept = Set(change.edits.map(\.holding.placement))
    return change.attach.map(\.placement).filter { $0.part == .persistent }.map { placement in
      "\(name(of: placement.guest)) would \(kept.contains(placement) ? "still have" : "have") \(function.address) in its "
        + "definition"
    }
  }

  /// Whether the start of the guest needs a passthrough driver that neither libvirt nor the plan binds.
  private func needsDriver(_ holding: Holding) -> Bool {
    plannedPlacements == nil && guestsMustStart && !holding.isManagedByLibvirt
      && !Drivers.isPassthrough(changes[holding.hostdev.address]?.goal?.driver)
  }

  /// Whether the running guest gets another function in place of this one. Its NIC would be without a network
  /// while the VFs are replaced.
  private func isReplugged(_ holding: Holding) -> Bool {
    isForward && holding.part == .live
      && changes.values.contains { change in
        change.attach.contains {
          $0.placement == holding.placement && $0.hostdev.alias == holding.hostdev.alias
        }
      }
  }

  /// Returns the guests and processes that have a VF and would lose it if its PF gets another
  /// number of VFs.
  private func users(of function: PCIFunction, staying count: Int) -> [String] {
    let isStaying = (function.virtualFunction?.index ?? 0) < count
    let users = (host.holdings[function.address] ?? []).filter { holding in
      // A definition finds the new VF at the same address, but without its driver.
      (holding.part == .live || !isStaying || needsDriver(holding))
        && (!isDetached(holding.hostdev, holding.placement) || isReplugged(holding))
        && !(plannedPlacements?.contains(
          PlannedPlacement(address: function.address, placement: holding.placement)) ?? false)
    }.map(\.description)
    guard users.isEmpty, !isReleasedByGuests(function), case .violated(let use) = function.processUse else {
      return users
    }
    return use.details.isEmpty ? [use.message] : use.details.map { "\(function.address): \($0)" }
  }
}
