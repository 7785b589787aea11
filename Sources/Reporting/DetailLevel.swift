/// The level of detail of the output. Errors are shown at every level.
public enum DetailLevel: Sendable {
  /// The result and failures.
  case quiet
  case normal
  /// Also the facts of a plan and the details of each step.
  case verbose
}
