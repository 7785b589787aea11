/// Whether the interrupts of devices are remapped. Without remapping, a guest can forge interrupts of other
/// devices.
public enum InterruptRemapping: Sendable, Equatable {
  case on, off
  /// The names of the interrupt controllers do not show it.
  case unknown
}

/// The ways in which a function can be reset between two guests.
public struct ResetMethods: Sendable, Equatable {
  /// Whether the kernel has a way to reset the function.
  public var isPossible: Bool
  /// The entries of `reset_method` in sysfs. Empty on Linux before 5.15, which does not have that file.
  public var names: [String]

  public init(isPossible: Bool, names: [String] = []) {
    self.isPossible = isPossible
    self.names = names
  }
}

/// Whether the Access Control Services (ACS) of a function isolate the functions behind it.
public enum Isolation: Sendable, Equatable {
  /// The function has no ACS capability.
  case absent
  /// Not all services that the kernel requires are enabled (Linux, REQ_ACS_FLAGS).
  case incomplete
  case complete
}
