/// How far a step has come, told from the host alone.
public enum StepState: Sendable, Equatable {
  case notDone
  case done
  /// Neither its first state nor its last: what is there instead.
  case other(String)

  public init(_ isNotDone: Bool, _ isDone: Bool, otherwise found: @autoclosure () -> String) {
    self = isDone ? .done : isNotDone ? .notDone : .other(found())
  }
}
