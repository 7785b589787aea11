/// Where a run leads.
public enum RunDirection: Sendable {
  /// Towards what the manifests ask for.
  case forward
  /// Towards what was there before a run.
  case back(isFinal: Bool)
}
