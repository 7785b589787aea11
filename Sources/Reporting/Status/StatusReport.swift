import Execution
import HostModel
import Planning

/// How a host stands, with what is remembered of it.
public struct StatusReport: Sendable {
  public var status: HostStatus
  /// Nil where nothing may be remembered, or it could not be read.
  public var memory: DriftMemory?
  /// Nil where there are no journals that belong to the host, or they could not be read.
  public var runs: RecentRuns?
  /// Whether a pcipass is changing the host now.
  public var isAtWork: Bool
  /// The apply that is waiting for its confirmation.
  public var pending: PendingConfirmation?

  public init(
    _ status: HostStatus, memory: DriftMemory?, runs: RecentRuns?, isAtWork: Bool,
    pending: PendingConfirmation? = nil
  ) {
    self.status = status
    self.memory = memory
    self.runs = runs
    self.isAtWork = isAtWork
    self.pending = pending
  }

  /// What became of the last apply.
  var outcome: String? {
    runs.flatMap { runs in
      runs.lastApply.map {
        HistoryText(style: .plain, of: runs.journals, isAtWork: isAtWork, pending).outcome($0)
      }
    }
  }
}

extension SyncState {
  var words: String { self == .declared ? "as declared" : rawValue }
}

extension Difference {
  /// Of what the values are.
  var label: String {
    switch category {
    case .module: "module"
    case .driver: "driver"
    case .override: "driver_override"
    case .vfCount: "number of VFs"
    case .vfSettings: "VF settings"
    case .definition: "in the definition of \(guest ?? "its guest")"
    case .live: "in the running \(guest ?? "guest")"
    case .savedImage: "in the saved image of \(guest ?? "its guest")"
    }
  }
}

extension GuestStatus {
  /// Whether it runs, as its manager shows it.
  var run: String {
    switch found {
    case .known(let guest?): guest.run.rawValue
    case .known(nil): "not there"
    case .unavailable: "unknown"
    }
  }
}
