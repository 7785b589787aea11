/// The direction of a run.
public enum RunDirection: Sendable {
  /// Towards the state that the manifests declare.
  case forward
  /// Towards the state before a run.
  case back(isFinal: Bool)
}
