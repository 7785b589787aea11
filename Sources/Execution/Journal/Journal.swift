import Documents
import Planning

/// All that is written down of one apply or rollback.
public struct Journal: Sendable, Equatable {
  /// What it began with.
  public struct Header: Sendable, Equatable {
    public var task: Task
    public var plan: Plan
    public var onFailure: Executor.OnFailure
    /// Undone unless it is confirmed within so many seconds after its end.
    public var confirmWithin: Int?
    /// Who started it.
    public var by: String
    /// Which pcipass wrote it.
    public var version: String
    public var boot: String?

    public init(
      task: Task, plan: Plan, onFailure: Executor.OnFailure, confirmWithin: Int? = nil, by: String,
      version: String, boot: String?
    ) {
      self.task = task
      self.plan = plan
      self.onFailure = onFailure
      self.confirmWithin = confirmWithin
      self.by = by
      self.version = version
      self.boot = boot
    }
  }

  public enum Task: Sendable, Hashable {
    case apply
    /// - Parameters:
    ///   - of: the number of what is taken back; nil is that of a plan file.
    ///   - only: all of it where this is empty.
    case rollback(of: Int?, only: [Target])

    /// The number of what is taken back.
    var subject: Int? { if case .rollback(let id, _) = self { id } else { nil } }
  }

  public struct Line: Sendable, Equatable {
    public var at: Timestamp
    public var entry: JournalEntry

    public init(at: Timestamp, _ entry: JournalEntry) {
      self.at = at
      self.entry = entry
    }
  }

  /// Counted up from 1 on each host.
  public var id: Int
  public var began: Timestamp
  public var header: Header
  public var lines: [Line]

  public init(id: Int, began: Timestamp, header: Header, lines: [Line] = []) {
    self.id = id
    self.began = began
    self.header = header
    self.lines = lines
  }

  public var entries: [JournalEntry] { lines.map(\.entry) }
}

extension Journal {
  /// How it ended last; nil where it was interrupted, or runs.
  public var end: Outcome.End? {
    for entry in entries.reversed() {
      switch entry {
      case .ended(let end): return end
      case .confirmed, .unconfirmed: continue
      default: return nil
      }
    }
    return nil
  }

  /// When it ended.
  public var ended: Timestamp? {
    lines.last { if case .ended = $0.entry { true } else { false } }?.at
  }

  /// What it left is not known, or not what was asked for: it is to be recovered.
  public var isOpen: Bool {
    switch end {
    case nil, .stuck, .partlyUndone: true
    case .success, .undone, .left: false
    }
  }

  /// Whether somebody is still to say that it may stay.
  public var awaitsConfirmation: Bool {
    guard header.confirmWithin != nil, end == .success else { return false }
    return !entries.contains { if case .confirmed = $0 { true } else { false } }
  }

  /// Until when.
  public var deadline: Timestamp? {
    guard let seconds = header.confirmWithin else { return nil }
    return ended?.adding(seconds: seconds)
  }

  /// All of it, as it is on disk.
  public var records: [JSON] { JournalText.records(of: self) }

  public var request: Request { header.plan.request }

  /// `apply 17`, `rollback 18`
  public var name: String {
    switch header.task {
    case .apply: "apply \(id)"
    case .rollback: "rollback \(id)"
    }
  }

  /// What takes all of it back.
  public var isWholeRollbackOf: Int? {
    if case .rollback(let id?, only: []) = header.task { id } else { nil }
  }
}
