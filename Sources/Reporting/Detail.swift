/// How much is said of a run. Errors always are.
public enum Detail: Sendable {
  /// How it ended, and what went wrong.
  case quiet
  case normal
  /// Also what it rests on, and what is done in each step.
  case verbose
}
