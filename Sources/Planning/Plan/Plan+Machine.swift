import HostModel

extension Plan {
  /// What a plan has to do with a host.
  public enum Belonging: Sendable {
    case here, toOtherMachine, toOtherName
  }

  /// A plan is for one machine. Where it is not known which that was, the name counts.
  ///
  /// - Parameter name: the host's, where it was given; it is meant then.
  public func belonging(on state: HostState, named name: String?) -> Belonging {
    if let machine, let here = state.machine {
      if machine != here { return .toOtherMachine }
      if name == nil { return .here }
    }
    return host == name ?? state.host ? .here : .toOtherName
  }
}
