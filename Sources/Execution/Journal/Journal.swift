import Documents
import Files
import HostModel
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
    /// What the way back needs besides, of runs that may have to go it by themselves.
    public var run: RunRecord?
    /// Who started it.
    public var by: String
    /// Which pcipass wrote it.
    public var version: String
    public var boot: String?

    public init(
      task: Task, plan: Plan, onFailure: Executor.OnFailure, confirmWithin: Int? = nil,
      run: RunRecord? = nil, by: String, version: String, boot: String?
    ) {
      self.task = task
      self.plan = plan
      self.onFailure = onFailure
      self.confirmWithin = confirmWithin
      self.run = run
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
    public var moment: Moment
    public var entry: JournalEntry

    public var at: Timestamp { moment.at }

    public init(_ moment: Moment, _ entry: JournalEntry) {
      self.moment = moment
      self.entry = entry
    }
  }

  /// Counted up from 1 on each host.
  public var id: Int
  public var start: Moment
  public var header: Header
  public var lines: [Line]

  public var began: Timestamp { start.at }

  public init(id: Int, start: Moment, header: Header, lines: [Line] = []) {
    self.id = id
    self.start = start
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

  /// Whether what it left on the host waits for its confirmation. That may be a part of its steps (`--on-failure stop`), but not
  /// what an operator has left by `recover --leave`.
  public var awaitsConfirmation: Bool {
    guard header.confirmWithin != nil, end == .success || end == .left else { return false }
    return !entries.contains { entry in
      switch entry {
      case .confirmed, .recovering(.leave, _, _): true
      default: false
      }
    }
  }

  /// By when it must be confirmed, where that was asked for: so long after the last sign of life of the run, which is its
  /// end where it came to one.
  public var deadline: Deadline? {
    guard let seconds = header.confirmWithin else { return nil }
    let (last, boot) = lastSign
    return Deadline(last.adding(seconds: seconds), boot: boot)
  }

  /// When the run wrote down something last, and in which boot. What was written on the way back does not count.
  var lastSign: (Moment, boot: String?) {
    // A simulated host has another boot than the machine whose clock it is.
    var last = (start, boot: header.run?.process?.boot)
    for line in lines {
      switch line.entry {
      case .recovering(.back, _, _), .recovering(.leave, _, _), .confirmed, .unconfirmed: return last
      case .recovering(.forward, _, let boot):
        last.0 = line.moment
        if boot != header.boot { last.boot = boot }
      default: last.0 = line.moment
      }
    }
    return last
  }

  /// Why it was not undone yet, although it was not confirmed in time.
  public var reasonNotUndone: String? {
    for case .unconfirmed(let reason) in entries.reversed() { return reason }
    return nil
  }

  /// Whether it came to its end, and was undone because it was not confirmed.
  public var wasNotConfirmed: Bool {
    guard header.confirmWithin != nil, end == .undone else { return false }
    let run = entries.prefix { if case .recovering(.back, _, _) = $0 { false } else { true } }
    return run.count < entries.count && run.contains { $0 == .ended(.success) || $0 == .ended(.left) }
  }

  /// The same as of its plan. In the boot that it was written in there is no other machine.
  public func hostMatch(on state: HostState, named name: String?) -> HostMatch {
    if name == nil, let boot = header.boot, boot == state.kernel.bootID { return .sameHost }
    return header.plan.hostMatch(on: state, named: name)
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
