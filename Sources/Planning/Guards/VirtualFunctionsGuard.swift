import Documents
import HostModel
import Manifests

/// Checks that a PF can have the declared VFs, and that its VFs are not deleted as a side effect.
enum VirtualFunctionsGuard {
  static let questions = [
    GuardQuestion(.vfCount, .transition) { change, context in
      guard let wanted = change.candidate.nic?.virtualFunctions, let function = change.candidate.function,
        change.candidate.reference?.virtualFunction == nil, change.resize != nil || context.isForward
      else { return [] }
      return results(room(for: wanted, on: function, change, context))
    },
    GuardQuestion(.vfDriver, .transition) { change, _ in
      guard change.resize != nil else { return [] }
      return results(driverForVFs(change))
    },
    // libvirt assigns an interface of type hostdev only while its PF is up.
    GuardQuestion(.vfLink, .transition) { change, context in
      change.isHotplugged ? results(pfLink(change, context)) : []
    },
    // The start of a guest that has the PF unbinds the PF, and its driver deletes the VFs.
    GuardQuestion(.ownVFsAtStart, .endState) { change, context in
      results(definitionsWithPF(of: change, context))
    },
    GuardQuestion(.vfLinkAtStart, .endState) { change, context in
      change.isHotplugged || !context.guestsMustStart ? [] : results(pfLink(change, context))
    },
    // Each driver deletes the VFs of a PF when it is unbound.
    GuardQuestion(.ownVFs, .transition) { change, context in
      guard let function = change.rebinding?.function, !change.deletesVFsFirst else { return [] }
      return results(ownVFs(of: function, context))
    },
    // The start of the guest does the same, with a device that is added now and with one that it already has.
    GuardQuestion(.ownVFsAtStart, .endState) { change, context in
      let standing = change.isClaimedInPlace ? change.candidate.function : nil
      guard let function = context.boundAtGuestStart(change) ?? standing, !change.deletesVFsFirst else {
        return []
      }
      return results(ownVFs(of: function, context))
    },
  ]

  private static func results(_ outcome: GuardOutcome?) -> [GuardResult] {
    outcome.map { [GuardResult(.virtualFunctions, $0)] } ?? []
  }

  /// Returns `nil` if the number of VFs stays the same.
  private static func room(
    for wanted: Located<VirtualFunctions>, on function: PCIFunction, _ change: ProposedChange,
    _ context: GuardContext
  ) -> GuardOutcome? {
    let origin = wanted.location?.description
    let count = context.isForward ? wanted.value.count : change.resize?.to.count ?? 0
    guard count != function.sriov?.count ?? 0 else { return nil }
    guard let sriov = function.sriov else {
      return .violated(
        Violation(
          .virtualFunctions, "\(function.address) has no SR-IOV capability", details: [function.summary],
          help: "use a card and a driver with SR-IOV, and enable SR-IOV in the firmware",
          origin: origin))
    }
    guard count <= sriov.total else {
      return .violated(
        Violation(
          .virtualFunctions,
          "\(function.address) supports at most \(sriov.total) VFs, not \(count)",
          details: [function.summary], origin: origin))
    }
    let isTold = function.virtualFunctions(count).count == count
    guard isTold || count == 0 || !change.candidate.hasClaimedVFs else {
      return .violated(
        Violation(
          .unavailable,
          "the addresses of the new VFs of \(function.address) are unknown: the kernel has no sriov_offset and "
            + "sriov_stride",
          help:
            "create the VFs by hand first (echo \(count) >/sys/bus/pci/devices/\(function.address)/sriov_numvfs), "
            + "or use Linux 4.14 or later", origin: origin))
    }
    return .passed("it supports \(sriov.total) VFs")
  }

  /// Returns whether the PF is on its native driver, the only one that creates VFs.
  private static func driverForVFs(_ change: ProposedChange) -> GuardOutcome {
    guard let driver = change.driverAtResize, Drivers.isNative(driver) else {
      return .violated(
        Violation(
          .virtualFunctions,
          "\(change.address) is on \(change.driverAtResize ?? "no driver"): only its native driver can create or "
            + "delete VFs",
          details: change.candidate.holdings.map(\.description), help: "return it to its native driver first")
      )
    }
    return .passed("its native driver \(driver) creates and deletes VFs")
  }

  /// Returns the violation if a definition has the PF although it has or gets VFs; otherwise `nil`.
  private static func definitionsWithPF(of change: ProposedChange, _ context: GuardContext) -> GuardOutcome? {
    let standing =
      context.isForward
      ? change.candidate.nic?.virtualFunctions?.value.count : change.candidate.function?.sriov?.count
    let count = change.resize?.to.count ?? standing ?? 0
    guard let function = change.candidate.function, function.sriov != nil,
      context.guestsMustStart(with: function),
      count > 0, change.candidate.reference?.virtualFunction == nil
    else { return nil }
    let definitionsWithPF = context.placementsAtEnd(of: change.address).filter { $0.part == .persistent }
    guard !definitionsWithPF.isEmpty else { return nil }
    let names = definitionsWithPF.map { context.name(of: $0.guest) }.joined(separator: " and ")
    return .violated(
      Violation(
        .virtualFunctions,
        "the definition of \(names) has the PF \(change.address): a start of the guest would delete the VFs",
        details: change.candidate.holdings.map(\.description),
        help: "remove the PF from the definition first",
        origin: change.candidate.nic?.virtualFunctions?.location?.description))
  }

  private static func pfLink(_ change: ProposedChange, _ context: GuardContext) -> GuardOutcome? {
    guard let physical = context.host.physicalFunctionOfInterface(change) else { return nil }
    guard let interface = physical.downInterface else {
      let up = physical.interfaces.first { $0.isUp == true }
      return up.map { .passed("the PF interface \($0.name) is up") }
    }
    return .violated(
      Violation(
        .virtualFunctions,
        "libvirt assigns \(change.address) as an interface only while the PF interface \(interface) is up",
        help: "ip link set \(interface) up; or remove as: interface from the claim",
        origin: change.candidate.guestClaim?.claim.from.location?.description))
  }

  private static func ownVFs(of function: PCIFunction, _ context: GuardContext) -> GuardOutcome {
    guard let count = function.sriov?.count, count > 0 else { return .passed("it has no VFs") }
    return .violated(
      Violation(
        .virtualFunctions,
        "\(function.address) has \(count) VF\(count == 1 ? "" : "s"), which would be deleted",
        details: (context.host.virtualFunctions[function.address] ?? []).map(\.summary),
        help: Drivers.isNative(function.driver)
          ? "assign the VFs instead of the PF; or delete them first: remove the claims, and apply with "
            + "virtualFunctions: {count: 0}"
          : "delete them first with the program that created them on \(function.driver ?? "another driver")"))
  }
}

extension HostIndex {
  /// Returns the PF of a VF that a guest gets as an interface of type hostdev, or has as one in its
  /// definition while it is off; otherwise `nil`.
  func physicalFunctionOfInterface(_ change: ProposedChange) -> PCIFunction? {
    let standing =
      change.isClaimedInPlace ? change.candidate.holdings.filter { guests[$0.guest]?.live == nil } : []
    guard
      (change.attach.map(\.hostdev) + standing.map(\.hostdev)).contains(where: { $0.device == .interface })
    else { return nil }
    return change.candidate.function?.virtualFunction.flatMap { functions[$0.physicalFunction] }
  }
}
