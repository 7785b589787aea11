import Documents
import Files
import HostModel
import Planning

/// The record of one apply or rollback.
public struct Journal: Sendable, Equatable {
  /// The first record, written before the first step.
  public struct Header: Sendable, Equatable {
    public var task: RunKind
    public var plan: Plan
    public var onFailure: Executor.OnFailure
    /// The time in seconds within which the run must be confirmed after its last entry (`--confirm-within`);
    /// otherwise it is undone.
    public var confirmWithin: Int?
    /// What the run changes of the remembered assignments; nil if nothing.
    public var assignments: AssignmentChange?
    /// The options that an undo without an operator needs in addition to the plan.
    public var run: RunRecord?
    /// The user who started the run.
    public var by: String
    /// The version of pcipass that wrote the journal.
    public var version: String
    /// The boot id at the beginning (`/proc/sys/kernel/random/boot_id`).
    public var boot: String?

    public init(
      task: RunKind, plan: Plan, onFailure: Executor.OnFailure, confirmWithin: Int? = nil,
      assignments: AssignmentChange? = nil, run: RunRecord? = nil, by: String, version: String, boot: String?
    ) {
      self.task = task
      self.plan = plan
      self.onFailure = onFailure
      self.confirmWithin = confirmWithin
      self.assignments = assignments
      self.run = run
      self.by = by
      self.version = version
      self.boot = boot
    }
  }

  /// The task of a run.
  public enum RunKind: Sendable, Hashable {
    case apply
    /// - Parameters:
    ///   - of: the number of the run that is rolled back; `nil` for a plan file.
    ///   - only: the NICs and guests to roll back; all if empty.
    case rollback(of: Int?, only: [Target])

    /// The number of the run that is rolled back.
    var subject: Int? { if case .rollback(let id, _) = self { id } else { nil } }
  }

  /// An entry with the time at which it was written.
  public struct Line: Sendable, Equatable {
    public var moment: Moment
    public var entry: JournalEntry

    /// The time by the wall clock.
    public var at: Timestamp { moment.at }

    public init(_ moment: Moment, _ entry: JournalEntry) {
      self.moment = moment
      self.entry = entry
    }
  }

  /// The number of the run, counted from 1 on each host.
  public var id: Int
  public var start: Moment
  public var header: Header
  public var lines: [Line]

  /// The time at which the run began, by the wall clock.
  public var began: Timestamp { start.at }

  public init(id: Int, start: Moment, header: Header, lines: [Line] = []) {
    self.id = id
    self.start = start
    self.header = header
    self.lines = lines
  }

  /// The entries without their times.
  public var entries: [JournalEntry] { lines.map(\.entry) }
}

extension Journal {
  /// How the run ended last; `nil` if it was interrupted or still runs.
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

  /// The time of the last end, by the wall clock.
  public var ended: Timestamp? {
    lines.last { if case .ended = $0.entry { true } else { false } }?.at
  }

  /// Whether the run has to be recovered: its effects are unknown, or not those that were
  /// requested.
  public var isOpen: Bool {
    switch end {
    case nil, .stuck, .partlyUndone: true
    case .success, .undone, .left: false
    }
  }

  /// Whether the run ended with effects that have to be confirmed. They may be the effects of a
  /// part of its steps (`--on-failure stop`). Effects that `recover --leave` left in place do not
  /// count.
  public var awaitsConfirmation: Bool {
    guard header.confirmWithin != nil, end == .success || end == .left else { return false }
    return !entries.contains { entry in
      switch entry {
      case .confirmed, .recovering(.leave, _, _): true
      default: false
      }
    }
  }

  /// The time by which the run must be confirmed, counted from its last own entry; `nil` if it
  /// needs no confirmation.
  public var deadline: Deadline? {
    guard let seconds = header.confirmWithin else { return nil }
    let (last, boot) = lastActivity
    return Deadline(last.adding(seconds: seconds), boot: boot)
  }

  /// The time of the last entry that the run itself wrote, and the boot. Entries of an undo do not count.
  var lastActivity: (Moment, boot: String?) {
    // A simulated host has another boot id than the machine whose clock it uses.
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

  /// The last recorded reason why the run was not undone although it was not confirmed in time.
  public var reasonNotUndone: String? {
    for case .unconfirmed(let reason) in entries.reversed() { return reason }
    return nil
  }

  /// Whether the run ended and was then undone because it was not confirmed.
  public var wasNotConfirmed: Bool {
    guard header.confirmWithin != nil, end == .undone else { return false }
    let run = entries.prefix { if case .recovering(.back, _, _) = $0 { false } else { true } }
    return run.count < entries.count && run.contains { $0 == .ended(.success) || $0 == .ended(.left) }
  }

  /// Compares the machine of the run with an observed host, as its plan does. In the boot in which
  /// the journal was written, the journal belongs to this machine, because no other machine has
  /// that boot id.
  public func hostMatch(on state: HostState, named name: String?) -> HostMatch {
    if name == nil, let boot = header.boot, boot == state.kernel.bootID { return .sameHost }
    return header.plan.hostMatch(on: state, named: name)
  }

  /// All records of the journal, as they are on the disk.
  public var records: [JSON] { JournalText.records(of: self) }

  /// The manifests and options that the run was started with.
  public var request: Request { header.plan.request }

  /// For example `apply 17` or `rollback 18`.
  public var name: String {
    switch header.task {
    case .apply: "apply \(id)"
    case .rollback: "rollback \(id)"
    }
  }

  /// The number of the run that this one rolls back, as a whole or in part.
  public var isRollbackOf: Int? { header.task.subject }

  /// The number of the run that this one rolls back as a whole.
  public var isWholeRollbackOf: Int? {
    if case .rollback(let id?, only: []) = header.task { id } else { nil }
  }
}
