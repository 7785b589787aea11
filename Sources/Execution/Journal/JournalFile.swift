import Documents
import Files
import Glibc
import SystemPackage

/// A journal that is open for writing. An entry is on the disk when `append` returns. One process at a time
/// has a journal open.
public final class JournalFile {
  /// The number of the run.
  public let id: Int
  /// Held as long as it is open, because the watchdog of an apply writes to its journal without the host's lock.
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
    // Frees the reserved room, unless an undo may still need it on a full disk.
    if reader.journal.map({ !$0.isOpen && !$0.awaitsConfirmation }) ?? true {
      _ = ftruncate(file.rawValue, off_t(length))
    }
  }

  /// Takes the lock, for which it waits up to 2 s: what the watchdog writes takes no longer.
  ///
  /// - Throws: if another process holds it longer.
  static func take(_ lock: FileLock) throws(JournalFailure) {
    do throws(Errno) { try lock.take(within: .seconds(2)) } catch {
      throw JournalFailure("another process writes to it: \(error)")
    }
  }

  /// Appends an entry with the present time and waits until it is on the disk (fsync(2)).
  ///
  /// - Throws: if the entry cannot be written or could not be read again. The journal is then as before.
  public func append(_ entry: JournalEntry) throws(JournalFailure) {
    try append(JournalText.line(Journal.Line(clock.now(), entry), number: count))
  }

  func append(_ bytes: [UInt8]) throws(JournalFailure) {
    // An entry that could not be read after a crash would be useless, so nothing is begun with it.
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

  /// Reserves room on the disk (fallocate(2)), so that a full disk is noticed before the first step and not
  /// between two. Does nothing if the file system cannot do that.
  ///
  /// - Throws: if the disk has too little room.
  func reserve(_ bytes: Int) throws(JournalFailure) {
    do throws(Errno) { try file.reserve(bytes, behind: length) } catch {
      throw JournalFailure(error.description)
    }
  }
}
