import HostModel

/// Whether a host is the one that a plan is for.
public enum HostMatch: Sendable {
  case sameHost, otherMachine, otherName
}

extension Plan {
  /// A plan is for one machine. Where it is not known which that was, the name counts.
  ///
  /// - Parameter name: the host's, where it was given; it is meant then.
  public func hostMatch(on state: HostState, named name: String?) -> HostMatch {
    if let machine, let here = state.machine {
      if machine != here { return .otherMachine }
      if name == nil { return .sameHost }
    }
    return host == name ?? state.host ? .sameHost : .otherName
  }
}
