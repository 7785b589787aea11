import Documents

/// What a host's journals say of how it stands: its last apply, and what is to be settled.
public struct RecentRuns: Sendable {
  /// The last apply and all that came after it, the oldest first.
  public var journals: [Journal]
  public var obstacle: JournalStore.Obstacle?

  public init(journals: [Journal], obstacle: JournalStore.Obstacle?) {
    self.journals = journals
    self.obstacle = obstacle
  }

  public var lastApply: Journal? { journals.first { $0.header.task == .apply } }

  /// Interrupted, stuck, or undone in part only; it may also run at the moment.
  public var open: Journal? { if case .open(let journal) = obstacle { journal } else { nil } }

  public var awaitingConfirmation: Journal? {
    if case .awaitsConfirmation(let journal) = obstacle { journal } else { nil }
  }
}

extension JournalStore {
  /// Reads no more than it has to: this is asked every minute.
  public func recent() throws(Diagnostics) -> RecentRuns {
    var journals: [Journal] = []
    for id in try ids().reversed() {
      guard let journal = try journal(id) else { continue }
      journals.insert(journal, at: 0)
      if journal.header.task == .apply { break }
    }
    return RecentRuns(journals: journals, obstacle: try obstacle())
  }
}
