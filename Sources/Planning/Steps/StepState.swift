/// How far a step has come, determined from the host alone.
public enum StepState: Sendable, Equatable {
  case notDone
  case done
  /// The host is in neither the first state of the step nor its last. The text is what was found.
  case other(String)

  /// - Parameters:
  ///   - isNotDone: whether the host is in the first state of the step.
  ///   - isDone: whether the host is in its last state, which counts if both are true.
  ///   - found: what was found instead.
  public init(_ isNotDone: Bool, _ isDone: Bool, otherwise found: @autoclosure () -> String) {
    self = isDone ? .done : isNotDone ? .notDone : .other(found())
  }
}
