import HostModel

/// Whether a host is the one that a plan is for.
public enum HostMatch: Sendable {
  case sameHost, otherMachine, otherName
}

extension Plan {
  /// Compares the machine of the plan with an observed host: by machine-id if both are known, otherwise by
  /// host name.
  ///
  /// - Parameter name: the host name that the operator has given, if any. The plan must be for this
  ///   name, also on the same machine.
  public func hostMatch(on state: HostState, named name: String?) -> HostMatch {
    if let machine, let here = state.machine {
      if machine != here { return .otherMachine }
      if name == nil { return .sameHost }
    }
    return host == name ?? state.host ? .sameHost : .otherName
  }
}
