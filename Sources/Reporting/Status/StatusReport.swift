import Execution
import HostModel
import Planning

/// The status of a host, together with what pcipass has recorded about it.
public struct StatusReport: Sendable {
  public var status: HostStatus
  /// When each deviation was first seen. Nil where it is not recorded, as for a snapshot, and where the
  /// record could not be read or written.
  public var memory: DriftMemory?
  /// The last applies. Nil where the host has no journals of its own, and where they could not be read.
  public var runs: RecentRuns?
  /// Whether another pcipass process is changing the host now.
  public var isAtWork: Bool
  /// The apply that waits for confirmation.
  public var pending: PendingConfirmation?
  /// The number of recorded functions that were not set up since the host was started; nil where it is not known.
  public var notSetUp: Int?

  public init(
    _ status: HostStatus, memory: DriftMemory?, runs: RecentRuns?, isAtWork: Bool,
    pending: PendingConfirmation? = nil, notSetUp: Int? = nil
  ) {
    self.status = status
    self.memory = memory
    self.runs = runs
    self.isAtWork = isAtWork
    self.pending = pending
    self.notSetUp = notSetUp
  }

  /// What happened to the last applies since they ended.
  private var context: RunContext? {
    runs.map { RunContext(of: $0.journals, isAtWork: isAtWork, pending: pending) }
  }

  /// The last apply.
  var lastApply: RunReport? {
    guard let context, let journal = runs?.lastApply else { return nil }
    return context.report(journal)
  }

  /// The outcome of the last apply, as `pcipass history` shows it.
  var outcome: String? {
    guard let context, let journal = runs?.lastApply else { return nil }
    return HistoryText(style: .plain, context).outcome(journal)
  }
}

extension SyncState {
  var words: String { self == .inSync ? "in sync" : rawValue }
}

extension Difference {
  /// A name for the property whose values differ.
  var label: String {
    switch category {
    case .module: "module"
    case .driver: "driver"
    case .override: "driver_override"
    case .vfCount: "number of VFs"
    case .vfSettings: "VF settings"
    case .definition: "definition of \(guest ?? "its guest")"
    case .live: "running \(guest ?? "guest")"
    case .savedImage: "saved image of \(guest ?? "its guest")"
    }
  }
}
