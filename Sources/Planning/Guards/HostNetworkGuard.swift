import Documents
import HostModel
import Manifests

/// Checks that the host does not lose network connectivity.
enum HostNetworkGuard {
  static let questions = [
    GuardQuestion(.vfHostUse, .transition) { change, context in
      guard change.resize != nil else { return [] }
      return (context.host.virtualFunctions[change.address] ?? []).map {
        GuardResult(.hostNetwork, use(of: $0, isLost: true))
      }
    },
    // The manifests do not name the members of a pool one by one, and one of them may be a NIC that the host uses.
    GuardQuestion(.hostUse, .transition) { change, context in
      guard change.resize != nil, context.isForward, change.candidate.reference?.port != nil,
        let function = change.candidate.function
      else { return [] }
      return [
        GuardResult(.hostNetwork, use(of: function, isMember: change.candidate.reference?.port != nil))
      ]
    },
    GuardQuestion(.hostUse, .transition) { change, context in
      // The host loses the interface with any change of the driver, also to none.
      let rebound = change.rebinding.flatMap {
        Drivers.isPassthrough($0.to.driver) || !$0.function.interfaces.isEmpty ? $0.function : nil
      }
      guard let function = rebound ?? context.boundAtGuestStart(change) else { return [] }
      // The run that is undone returned the function to the host, so the host's uses of it are newer than the
      // run.
      if context.undoesUnfinishedRun, !function.carriesSSHSession {
        return [GuardResult(.hostNetwork, .passed(lossWords(of: function)))]
      }
      return [
        GuardResult(.hostNetwork, use(of: function, isMember: change.candidate.reference?.port != nil))
      ]
    },
  ]

  private static func lossWords(of function: PCIFunction) -> String {
    let uses = function.hostUses
    return uses.isEmpty
      ? function.unusedWords
      : "this run returned the function to the host, and the undo removes it again: "
        + uses.joined(separator: "; ")
  }

  /// - Parameters:
  ///   - isLost: whether the function is a VF that is deleted with the other VFs of its PF.
  ///   - isMember: whether a pool has selected it.
  private static func use(
    of function: PCIFunction, isLost: Bool = false, isMember: Bool = false
  ) -> GuardOutcome {
    var uses = function.hostUses
    if Drivers.isNative(function.driver), function.interfaces.isEmpty {
      uses.append(
        "\(function.driver ?? "") is bound but no interface is visible: it may be in another network namespace"
      )
    }
    guard !uses.isEmpty else { return .passed(function.unusedWords) }
    for interface in function.interfaces {
      guard let reason = interface.uses.reason else { continue }
      return .violated(
        Violation(
          .unavailable, "whether the host uses \(interface.name) is unknown: \(reason)",
          help: "run as root, or set allow: [host-network] on the NIC", found: uses.joined(separator: "; ")))
    }
    return .violated(
      Violation(
        .hostNetwork,
        isLost
          ? "the host uses the VF \(function.address), which would be deleted"
          : "the host uses \(function.address)", details: uses,
        help: "move these uses to another NIC first, or set allow: [host-network] and because: … on the NIC"
          + (isMember ? "; or take the NIC out of the pool with exclude" : "")))
  }
}
