import HostModel

/// IOMMU groups with NICs that contain other functions, and the missing ACS (Access Control Services) on the
/// path to them.
extension ExaminedHost {
  var groups: [Check] {
    guard hasGroups else {
      return [.unknown(.groupShared, "which functions share an IOMMU group", "the IOMMU is off")]
    }
    return shared + [override].compactMap { $0 }
  }

  private var shared: [Check] {
    let ofNICs = host.groups.values.filter { $0.contains { $0.deviceClass.isNetwork } }
      .sorted { $0[0].address < $1[0].address }
    let checks = ofNICs.compactMap { stuck($0) ?? unclear($0) }
    let rest = ofNICs.filter { stuck($0) == nil && unclear($0) == nil }
    guard !rest.isEmpty else { return checks }
    let together = rest.map { $0.filter { $0.deviceClass.isNetwork } }.filter { $0.count > 1 }
      .map { "assign these to one guest together: " + $0.map { "\($0.address)" }.joined(separator: ", ") }
    return checks + [
      .fine(
        .groupShared,
        rest.count == 1
          ? "1 IOMMU group with NICs has no other function that stays on the host"
          : "\(rest.count) IOMMU groups with NICs have no other function that stays on the host",
        details: together)
    ]
  }

  /// Returns an unknown result for a group of several functions if it is not known whether the host uses a
  /// member.
  private func unclear(_ group: [PCIFunction]) -> Check? {
    guard group.count > 1 else { return nil }
    return group.lazy.filter { !allowsUserDMA($0.driver) }.flatMap(\.interfaces)
      .compactMap { interface in
        interface.uses.reason.map {
          .unknown(.groupShared, "whether the IOMMU group of \(interface.name) can be assigned", $0)
        }
      }.first
  }

  /// Returns a finding for a group that cannot be assigned because a member stays on the host.
  private func stuck(_ group: [PCIFunction]) -> Check? {
    let staying = group.filter(stays)
    // A NIC that is alone in its group and that the host uses is not a finding about groups.
    guard !staying.isEmpty, group.count > 1, group.contains(where: { $0.deviceClass.isNetwork && !stays($0) })
    else { return nil }
    let nics = group.filter { $0.deviceClass.isNetwork && !stays($0) }.map { "\($0.address)" }
    return .found(
      .groupShared,
      "\(nics.joined(separator: " and ")) cannot be assigned: "
        + (staying.count == 1
          ? "another function of the IOMMU group stays" : "other functions of the IOMMU group stay")
        + " on the host",
      details: staying.map { ([$0.summary] + $0.hostUses).joined(separator: ", ") } + isolation(of: group),
      help:
        "move the card to a slot with its own IOMMU group (behind a port with ACS), or assign or reserve the "
        + "whole group")
  }

  private func stays(_ function: PCIFunction) -> Bool {
    guard !function.deviceClass.isBridge, !allowsUserDMA(function.driver) else { return false }
    // A NIC that the host does not use can be assigned with the group.
    return !function.deviceClass.isNetwork || function.isUsedByHost
  }

  /// Returns the functions of the group, and the ports before them, that do not isolate what is behind them.
  private func isolation(of group: [PCIFunction]) -> [String] {
    guard case .known(let isolation) = survey.isolation else {
      return ["which ports have no ACS is unknown: \(survey.isolation.reason ?? "")"]
    }
    let above = group.flatMap(\.way)
    return Set(group.map(\.address) + above).sorted().compactMap { address in
      switch isolation[address] {
      case .absent?: "\(address) has no ACS"
      case .incomplete?: "the ACS of \(address) is only partly enabled"
      case .complete?, nil: nil
      }
    }
  }

  private var override: Check? {
    let words = (state.kernel.commandLine.value ?? "").split(separator: " ")
      .filter { $0.hasPrefix("pcie_acs_override=") }
    guard let word = words.first else { return nil }
    return .found(
      .acsOverride,
      "the IOMMU groups do not show the isolation of the hardware: the kernel was started with \(word)",
      help:
        "remove this parameter unless every guest is trusted: devices of different groups may access each other's memory"
    )
  }
}
