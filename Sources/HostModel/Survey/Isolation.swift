/// Whether interrupts of devices are remapped, so that a guest cannot make up those of others.
public enum InterruptRemapping: Sendable, Equatable {
  case on, off
  /// The interrupts' controllers are none whose names tell.
  case untold
}

/// How a function can be reset between two of its users.
public struct ResetMethods: Sendable, Equatable {
  public var isPossible: Bool
  /// As `reset_method` lists them; kernels before 5.15 do not.
  public var names: [String]

  public init(isPossible: Bool, names: [String] = []) {
    self.isPossible = isPossible
    self.names = names
  }
}

/// What a function's Access Control Services do: whether what is behind it is kept apart.
public enum Isolation: Sendable, Equatable {
  /// It has none.
  case absent
  /// Not all that the kernel asks for are switched on.
  case incomplete
  case complete
}
