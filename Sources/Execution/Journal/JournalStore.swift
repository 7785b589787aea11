import Documents
import Files
import HostModel
import Hosts
import Planning
import SystemPackage

/// The journals of a host, one file for each run: `journal/17` in the state folder.
public struct JournalStore: Sendable {
  let path: String
  private let clock: HostClock
  private static let folderName = "journal"
  /// The maximum size of a journal in bytes: more than a plan for thousands of functions needs.
  private static let longest = 256 << 20

  /// - Parameter path: the path of the state folder.
  public init(_ path: String, clock: HostClock = .system) {
    self.path = path
    self.clock = clock
  }

  /// Returns the numbers of the journals, the oldest first; none if there is no folder.
  ///
  /// - Throws: `state-folder` if the folder cannot be trusted or read, as all methods that read journals.
  public func ids() throws(Diagnostics) -> [Int] {
    try reading { () throws(FileError) in
      guard let state = try StateFolder.existing(path), let folder = try state.existingFolder(Self.folderName)
      else { return [] }
      return try Self.ids(in: folder)
    }
  }

  private static func ids(in folder: borrowing StateFolder) throws(FileError) -> [Int] {
    // Only names that pcipass itself creates: not `+7`, `007`, or a number that has no successor.
    try folder.names().compactMap { name in
      Int(name).flatMap { (1..<Int.max).contains($0) && "\($0)" == name ? $0 : nil }
    }.sorted()
  }

  /// Returns a journal up to its last whole record, or `nil` if there is none or it has no record.
  ///
  /// - Throws: `damaged-journal` or `unknown-journal` if a record is damaged or of another version.
  public func journal(_ id: Int) throws(Diagnostics) -> Journal? { try read(id)?.journal }

  /// Returns all journals, the oldest first.
  ///
  /// - Throws: if one of them cannot be read.
  public func all() throws(Diagnostics) -> [Journal] {
    let (journals, problems) = try readable()
    guard problems.isEmpty else { throw Diagnostics(problems) }
    return journals
  }

  /// Returns the journals that can be read, and the problems of the others.
  public func readable() throws(Diagnostics) -> (journals: [Journal], problems: [Diagnostic]) {
    var result: [Journal] = []
    var problems: [Diagnostic] = []
    for id in try ids() {
      do throws(Diagnostics) {
        if let journal = try journal(id) { result.append(journal) }
      } catch {
        problems += error.all
      }
    }
    return (result, problems)
  }

  private func name(_ id: Int) -> String { "\(path)/\(Self.folderName)/\(id)" }

  private func read(_ id: Int) throws(Diagnostics) -> JournalText.ParsedJournal? {
    guard let bytes = try contents(id) else { return nil }
    return try JournalText.read(bytes, id: id, name: name(id))
  }

  private func contents(_ id: Int) throws(Diagnostics) -> [UInt8]? {
    try reading { () throws(FileError) in
      guard let state = try StateFolder.existing(path), let folder = try state.existingFolder(Self.folderName)
      else { return nil }
      return try folder.contents("\(id)", upTo: Self.longest)
    }
  }

  /// Begins the next journal and then removes old ones. `keep` journals remain of runs that left effects on
  /// the host, and as many of other runs, so that runs without effects do not displace those that can be
  /// rolled back.
  ///
  /// - Throws: `unwritable` if the journal cannot be written or the disk has too little space.
  public func begin(_ header: Journal.Header, keep: Int) throws(Diagnostics) -> JournalFile {
    let file = try reading { () throws(FileError) in
      let folder = try StateFolder(path).folder(Self.folderName)
      let id = (try Self.ids(in: folder).last ?? 0) + 1
      return JournalFile(
        id: id, FileLock(try folder.create("\(id)")), length: 0,
        JournalReader(id: id, name: name(id)), clock)
    }
    do throws(JournalFailure) {
      try JournalFile.take(file.lock)
      let line = JournalText.line(header, at: clock.now())
      // Space for two entries for each step and for its undo, and for another plan in a recovery.
      try file.reserve(2 * line.count + 4096 * (header.plan.steps.count + 4))
      try file.append(line)
    } catch {
      remove(file)
      throw Diagnostics(
        code: "unwritable",
        "\(name(file.id)): the journal cannot be written: \(error.message); nothing was changed",
        help:
          "without a journal nothing can be rolled back; free space on its disk, or choose another --state-dir"
      )
    }
    removeOldest(but: file.id, header.task.subject, keep: max(keep, 1))
    return file
  }

  /// Removes the journal of a run that has begun no step.
  public func remove(_ file: JournalFile) {
    do throws(Diagnostics) {
      try reading { () throws(FileError) in
        try StateFolder(path).folder(Self.folderName).remove("\(file.id)")
      }
    } catch {}
  }

  /// Removes the oldest journals. The journal of the run that is rolled back stays, because it may
  /// wait for its confirmation. A journal that cannot be read counts as one with effects, and one
  /// that cannot be removed stays.
  private func removeOldest(but own: Int, _ subject: Int?, keep: Int) {
    guard let ids = try? ids(), ids.count > keep else { return }
    let isKept = { (id: Int) in id == own || id == subject }
    var left = (something: keep, nothing: keep)
    // The journals that always stay come first, because they count towards the limit.
    for id in ids.filter(isKept) + ids.reversed().filter({ !isKept($0) }) {
      let isNothing = (try? contents(id)).flatMap { $0.map(JournalText.hasNoEffects) } ?? false
      if isNothing { left.nothing -= 1 } else { left.something -= 1 }
      guard (isNothing ? left.nothing : left.something) < 0, !isKept(id) else { continue }
      do throws(Diagnostics) {
        try reading { () throws(FileError) in
          try StateFolder.existing(path)?.existingFolder(Self.folderName)?.remove("\(id)")
        }
      } catch {}
    }
  }

  /// Opens a journal to append to it, and cuts off a record that an interruption left incomplete.
  ///
  /// - Throws: `no-journal` if it does not exist; `locked` if another process writes to it.
  public func append(to id: Int) throws(Diagnostics) -> JournalFile {
    guard try read(id)?.journal != nil else { throw noJournal(id) }
    let lock = try reading { () throws(FileError) in
      FileLock(try StateFolder(path).folder(Self.folderName).append(to: "\(id)"))
    }
    do throws(JournalFailure) { try JournalFile.take(lock) } catch {
      throw Diagnostics([Diagnostic(code: "locked", "\(name(id)): \(error.message)")])
    }
    // Another process may have written before this one took the lock.
    guard let found = try read(id) else { throw noJournal(id) }
    do throws(Errno) { try lock.file.cut(to: found.length) } catch {
      throw Diagnostics([Diagnostic(code: "state-folder", error.description)])
    }
    return JournalFile(id: id, lock, length: found.length, found.reader, clock)
  }

  private func noJournal(_ id: Int) -> Diagnostics {
    Diagnostics(code: "no-journal", "\(name(id)) does not exist any more")
  }

  private func reading<Value: ~Copyable>(
    _ work: () throws(FileError) -> Value
  ) throws(Diagnostics) -> Value {
    do throws(FileError) { return try work() } catch {
      throw Diagnostics(code: "state-folder", error)
    }
  }
}

extension JournalStore {
  /// A run that prevents a new apply or rollback.
  public enum Obstacle: Sendable {
    /// The run was interrupted, is stuck, or was undone only in part.
    case open(Journal)
    case awaitsConfirmation(Journal)
  }

  /// Returns the run that prevents a new one, if there is one. Only the last run can be open,
  /// because no run begins after an open one.
  ///
  /// - Throws: if the state folder or a journal cannot be read.
  public func obstacle() throws(Diagnostics) -> Obstacle? {
    for id in try ids().reversed() {
      guard let journal = try journal(id) else { continue }
      if journal.isOpen { return .open(journal) }
      if journal.awaitsConfirmation { return .awaitsConfirmation(journal) }
      // A run that a rollback undid only in part, or not at all, may still wait for its confirmation.
      guard case .rollback = journal.header.task, journal.isWholeRollbackOf == nil || journal.end != .success
      else { return nil }
    }
    return nil
  }
}

extension [Journal] {
  /// The number of the rollback that undid each run as a whole.
  public var rolledBack: [Int: Int] {
    var result: [Int: Int] = [:]
    // The last run comes first, because a rollback that was itself rolled back does not count.
    for journal in reversed() where journal.end == .success && result[journal.id] == nil {
      if let id = journal.isWholeRollbackOf, result[id] == nil { result[id] = journal.id }
    }
    return result
  }
}
