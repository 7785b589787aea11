import HostModel

/// Where what guards judge leads.
enum GuardDirection {
  /// To what the manifests declare.
  case forward(prunes: Bool)
  /// Towards what was there before a run.
  case back(RunEnding)
}

/// How a run ended that is rolled back.
enum RunEnding {
  case final
  /// The run was interrupted or not confirmed, so the state before it is still the intended one.
  case interrupted
  /// The run has just failed and is undone at once.
  case failed
}

/// A device that steps have put into a guest, or will.
struct PlannedPlacement: Hashable {
  let address: PCIAddress
  let placement: Placement
}
