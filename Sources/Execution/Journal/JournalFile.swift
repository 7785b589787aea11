import Documents
import Files
import Glibc
import SystemPackage

/// A journal that is open for writing. An entry is on the disk when `append` returns. One process at a time
/// has a journal open.
public final class JournalFile {
  /// The number of the run.
  public let id: Int
  /// The lock of the journal, held while the journal is open: the watchdog of an apply writes to it
  /// without the lock of the host.
  let lock: FileLock
  private var file: FileDescriptor { lock.file }
  private let clock: HostClock
  private var length: Int
  private var reader: JournalReader

  /// The number of records in the file.
  var count: Int { reader.count }

  init(id: Int, _ lock: FileLock, length: Int, _ reader: JournalReader, _ clock: HostClock) {
    self.id = id
    self.lock = lock
    self.clock = clock
    self.length = length
    self.reader = reader
  }

  deinit {
    // Releases the reserved disk space, unless an undo may still need it on a full disk.
    if reader.journal.map({ !$0.isOpen && !$0.awaitsConfirmation }) ?? true {
      _ = ftruncate(file.rawValue, off_t(length))
    }
  }

  /// Takes the lock of a journal. It waits at most 2 s, because a write of the watchdog takes less.
  ///
  /// - Throws: if another process holds it longer.
  static func take(_ lock: FileLock) throws(JournalFailure) {
    do throws(Errno) { try lock.take(within: .seconds(2)) } catch {
      throw JournalFailure("another process writes to it: \(error)")
    }
  }

  /// Appends an entry with the present time and waits until it is on the disk (fsync(2)).
  ///
  /// - Throws: if the entry cannot be written or could not be read again. The journal is then
  ///   unchanged.
  public func append(_ entry: JournalEntry) throws(JournalFailure) {
    try append(JournalText.line(Journal.Line(clock.now(), entry), number: count))
  }

  func append(_ bytes: [UInt8]) throws(JournalFailure) {
    // An entry that cannot be read after a crash is useless, so the run does not continue with it.
    do throws(Diagnostics) {
      if let record = JournalText.whole(bytes[...]) { try reader.add(record) }
    } catch {
      throw JournalFailure("it could not be verified: \(error.message)")
    }
    do {
      try file.writeAll(bytes)
      guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
    } catch {
      // The next entry must not follow a part of this one.
      _ = ftruncate(file.rawValue, off_t(length))
      reader.forgetLast()
      throw JournalFailure((error as? Errno ?? .ioError).description)
    }
    length += bytes.count
  }

  /// Reserves disk space (fallocate(2)), so that a full disk is detected before the first step and
  /// not between two steps. Does nothing if the file system does not support this.
  ///
  /// - Throws: if the disk has too little space.
  func reserve(_ bytes: Int) throws(JournalFailure) {
    do throws(Errno) { try file.reserve(bytes, behind: length) } catch {
      throw JournalFailure(error.description)
    }
  }
}
