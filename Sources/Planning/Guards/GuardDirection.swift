import HostModel

/// Where what guards judge leads.
enum GuardDirection {
  /// Towards what the manifests ask for.
  case forward(prunes: Bool)
  /// Towards what was there before a run.
  case back(RunEnding)
}

/// How a run ended that is rolled back.
enum RunEnding {
  case final
  /// It was interrupted: what was there before is still what the host is meant to be.
  case interrupted
  /// It has just failed, and is undone at once.
  case failed
}

/// A device that steps have put into a guest, or will.
struct PlannedPlacement: Hashable {
  let address: PCIAddress
  let placement: Placement
}
