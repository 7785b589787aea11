import Documents
import HostModel
import Manifests

/// A PF and its VFs: they come and go as one, and only while nobody has any of them.
extension Draft {
  /// Whether the PF's number of VFs may change now. All those that it has vanish, whatever the new number.
  mutating func mayResize(_ subject: Subject, _ decision: Decision) -> Bool {
    guard let resize = decision.resize, let function = subject.function else { return true }
    guard passes(.virtualFunctions, subject, giver(of: function, subject, decision)),
      passes(.inUse, subject, useOfParts(of: function, subject, resize))
    else { return false }
    for part in host.virtualFunctions[function.address] ?? [] {
      guard passes(.hostNetwork, subject, useByHost(ofPart: part)) else { return false }
    }
    return true
  }

  /// Only its own driver gives a PF VFs.
  private func giver(of function: PCIFunction, _ subject: Subject, _ decision: Decision) -> Finding {
    let driver = decision.goal.map { $0.isKernelsChoice ? function.hostDriver : $0.driver } ?? function.driver
    guard let driver, Drivers.isHosts(driver) else {
      return .against(
        Objection(
          .virtualFunctions,
          "\(function.address) is on \(driver ?? "no driver"): only its own driver gives it virtual functions",
          details: subject.holdings.map(\.description), help: "take it from where it is first"))
    }
    return .clear("its own driver \(driver) gives them")
  }

  private func useOfParts(
    of function: PCIFunction, _ subject: Subject, _ resize: (from: VFSet, to: VFSet)
  ) -> Finding? {
    host.useOfParts(of: function.address, staying: resize.to.count, isDetached: isDetached) { users in
      Objection(
        .inUse,
        "the VFs of \(function.address) cannot be replaced (\(resize.from.count) → \(resize.to.count)): "
          + "all of them would vanish, and not all are free",
        details: users,
        help:
          "take them from their guests first; sriov_numvfs is not written meanwhile, as that can block for ever",
        origin: subject.nic?.virtualFunctions?.place?.description)
    }
  }

  private func useByHost(ofPart function: PCIFunction) -> Finding {
    let uses = function.hostUses
    guard !uses.isEmpty else { return .clear(unusedPartsWords) }
    return .against(
      Objection(
        .hostNetwork, "the host itself uses the VF \(function.address), which would vanish", details: uses,
        help: "move that to another NIC first, or allow: [host-network] on the NIC, with because: …"))
  }

  /// libvirt hands an interface of type hostdev out only while its PF is up.
  mutating func linkOfPF(_ subject: Subject, _ decision: Decision) -> Finding? {
    guard decision.attach.contains(where: { $0.hostdev.device == .interface }),
      let physical = subject.function?.virtualFunction.flatMap({ host.functions[$0.physicalFunction] })
    else { return nil }
    guard let interface = physical.interfaceThatIsDown else {
      let up = physical.interfaces.first { $0.isUp == true }
      return up.map { .clear("its PF's interface \($0.name) is up") }
    }
    guard decision.isPluggedIn else {
      notices.append(
        Notice(
          .waits, nic: subject.name, guest: subject.wanted?.guest.name,
          "\(interface) is down: libvirt starts a guest with an interface of type hostdev only while its PF is up"
        ))
      return nil
    }
    return .against(
      Objection(
        .virtualFunctions,
        "libvirt hands \(subject.address) out as an interface only while its PF's interface \(interface) is up",
        help: "ip link set \(interface) up, or leave out as: interface",
        origin: subject.wanted?.claim.from.place?.description))
  }
}

extension HostIndex {
  /// Who has a VF, or would miss it, when its PF gets another number of VFs.
  func users(
    of function: PCIFunction, staying count: Int, isDetached: (Hostdev, Placement) -> Bool
  ) -> [String] {
    let isStaying = (function.virtualFunction?.index ?? 0) < count
    let users = (holdings[function.address] ?? []).filter { holding in
      // A definition finds it again where it was.
      (holding.part == .live || !isStaying) && !isDetached(holding.hostdev, holding.placement)
    }.map(\.description)
    guard users.isEmpty, !isLetGo(function, isDetached: isDetached),
      case .against(let use) = function.useByProcesses
    else { return users }
    return use.details.isEmpty ? [use.message] : use.details.map { "\(function.address): \($0)" }
  }
}
