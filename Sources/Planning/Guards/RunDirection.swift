/// Where a run leads.
public enum RunDirection: Sendable {
  /// To what the manifests declare.
  case forward
  /// Towards what was there before a run.
  case back(isFinal: Bool)
}
