import HostModel

/// The direction of the changes that guards judge.
enum GuardDirection {
  /// Towards the state that the manifests declare.
  case forward(prunes: Bool)
  /// Towards the state before a run.
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

/// A device that steps have added to a guest, or will add.
struct PlannedPlacement: Hashable {
  let address: PCIAddress
  let placement: Placement
}
