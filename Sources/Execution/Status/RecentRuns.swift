import Documents

/// The journals about the present state of a host: the last apply, and a run that must be recovered
/// or confirmed.
public struct RecentRuns: Sendable {
  /// The last apply and all later runs, the oldest first.
  public var journals: [Journal]
  /// The run that prevents a new one, if there is one.
  public var obstacle: JournalStore.Obstacle?

  public init(journals: [Journal], obstacle: JournalStore.Obstacle?) {
    self.journals = journals
    self.obstacle = obstacle
  }

  /// The journal of the last apply, if there is one.
  public var lastApply: Journal? { journals.first { $0.header.task == .apply } }

  /// A run that was interrupted, is stuck, was undone only in part, or is still running.
  public var open: Journal? { if case .open(let journal) = obstacle { journal } else { nil } }

  /// An apply that ended and waits for its confirmation.
  public var awaitingConfirmation: Journal? {
    if case .awaitsConfirmation(let journal) = obstacle { journal } else { nil }
  }
}

extension JournalStore {
  /// Reads the last apply and all later runs. Older journals are not read, because monitoring calls
  /// this every minute.
  ///
  /// - Throws: if the state folder or a journal cannot be read.
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
