import Documents
import Files
import HostModel
import Hosts
import Planning
import SystemPackage

/// The journals of a host, one file each: `journal/17` in the state folder.
public struct JournalStore: Sendable {
  let path: String
  private let clock: Clock
  private static let folderName = "journal"
  /// More than a plan for thousands of functions needs.
  private static let longest = 256 << 20

  /// - Parameter path: the state folder.
  public init(_ path: String, clock: Clock = .system) {
    self.path = path
    self.clock = clock
  }

  /// Their numbers, the oldest first.
  public func ids() throws(Diagnostics) -> [Int] {
    try reading { () throws(FileError) in
      guard let state = try StateFolder.existing(path), let folder = try state.existingFolder(Self.folderName)
      else { return [] }
      return try Self.ids(in: folder)
    }
  }

  private static func ids(in folder: borrowing StateFolder) throws(FileError) -> [Int] {
    // As this writes them: not `+7`, nor `007`, nor a number without a next one.
    try folder.names().compactMap { name in
      Int(name).flatMap { (1..<Int.max).contains($0) && "\($0)" == name ? $0 : nil }
    }.sorted()
  }

  /// The journal of that number, as far as it is whole; nil where there is none, or nothing was begun.
  public func journal(_ id: Int) throws(Diagnostics) -> Journal? { try read(id)?.journal }

  public func all() throws(Diagnostics) -> [Journal] {
    let (journals, problems) = try readable()
    guard problems.isEmpty else { throw Diagnostics(problems) }
    return journals
  }

  /// Those that can be read, and what is wrong with the others.
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

  private func read(_ id: Int) throws(Diagnostics) -> JournalText.WholeRecords? {
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

  /// Begins the next one. When that is on the disk, the oldest are removed, so that beside it `keep` are left of those that
  /// have left something on the host, and as many of the others: runs that come to nothing do not push out what can be rolled
  /// back.
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
      // Two entries for each step there and back, and a plan once more for a recovery.
      try file.reserve(2 * line.count + 4096 * (header.plan.steps.count + 4))
      try file.append(line)
    } catch {
      remove(file)
      throw Diagnostics(
        code: "unwritable",
        "\(name(file.id)): the journal cannot be written: \(error.message); nothing was done",
        help:
          "without a journal nothing can be rolled back; free space on its disk, or choose another --state-dir"
      )
    }
    removeOldest(but: file.id, header.task.subject, keep: max(keep, 1))
    return file
  }

  /// Removes the journal of a run that began nothing.
  public func remove(_ file: JournalFile) {
    do throws(Diagnostics) {
      try reading { () throws(FileError) in
        try StateFolder(path).folder(Self.folderName).remove("\(file.id)")
      }
    } catch {}
  }

  /// What is being rolled back stays, because it may wait for its confirmation. What cannot be read counts as what has left
  /// something. Where one cannot be removed, that is no reason not to go on.
  private func removeOldest(but own: Int, _ subject: Int?, keep: Int) {
    guard let ids = try? ids(), ids.count > keep else { return }
    let isKept = { (id: Int) in id == own || id == subject }
    var left = (something: keep, nothing: keep)
    // The kept ones first: they count.
    for id in ids.filter(isKept) + ids.reversed().filter({ !isKept($0) }) {
      let isNothing = (try? contents(id)).flatMap { $0.map(JournalText.leftNothing) } ?? false
      if isNothing { left.nothing -= 1 } else { left.something -= 1 }
      guard (isNothing ? left.nothing : left.something) < 0, !isKept(id) else { continue }
      do throws(Diagnostics) {
        try reading { () throws(FileError) in
          try StateFolder.existing(path)?.existingFolder(Self.folderName)?.remove("\(id)")
        }
      } catch {}
    }
  }

  /// Goes on with one that is there; what an interruption left half written is cut off.
  public func append(to id: Int) throws(Diagnostics) -> JournalFile {
    guard try read(id)?.journal != nil else { throw noJournal(id) }
    let lock = try reading { () throws(FileError) in
      FileLock(try StateFolder(path).folder(Self.folderName).append(to: "\(id)"))
    }
    do throws(JournalFailure) { try JournalFile.take(lock) } catch {
      throw Diagnostics([Diagnostic(code: "locked", "\(name(id)): \(error.message)")])
    }
    // Read again: another process may have written until now.
    guard let found = try read(id) else { throw noJournal(id) }
    do throws(Errno) { try lock.file.cut(to: found.length) } catch {
      throw Diagnostics([Diagnostic(code: "state-folder", error.description)])
    }
    return JournalFile(id: id, lock, length: found.length, found.reader, clock)
  }

  private func noJournal(_ id: Int) -> Diagnostics {
    Diagnostics(code: "no-journal", "\(name(id)) is not there any more")
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
  /// What stands in the way of a new apply or rollback.
  public enum Obstacle: Sendable {
    /// Interrupted, stuck, or undone in part only.
    case open(Journal)
    case awaitsConfirmation(Journal)
  }

  /// Only the last can be open: nothing begins after it. It is told before what awaits a confirmation.
  public func obstacle() throws(Diagnostics) -> Obstacle? {
    for id in try ids().reversed() {
      guard let journal = try journal(id) else { continue }
      if journal.isOpen { return .open(journal) }
      if journal.awaitsConfirmation { return .awaitsConfirmation(journal) }
      // Of a rollback that was not all, or came to nothing, what it was to take back may wait still.
      guard case .rollback = journal.header.task, journal.isWholeRollbackOf == nil || journal.end != .success
      else { return nil }
    }
    return nil
  }
}

extension [Journal] {
  /// Which took which back as a whole.
  public var takenBack: [Int: Int] {
    var result: [Int: Int] = [:]
    // The last first: of what a rollback took back, all is there again when that was taken back itself.
    for journal in reversed() where journal.end == .success && result[journal.id] == nil {
      if let id = journal.isWholeRollbackOf, result[id] == nil { result[id] = journal.id }
    }
    return result
  }
}
