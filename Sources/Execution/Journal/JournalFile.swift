import Documents
import Files
import Glibc
import SystemPackage

/// A journal that is being written: what `append` returned from is on the disk. One process at a time has it open for that.
public final class JournalFile {
  public let id: Int
  /// Held as long as it is open, because the watchdog of an apply writes to its journal without the host's lock.
  let lock: FileLock
  private var file: FileDescriptor { lock.file }
  private let clock: Clock
  private var length: Int
  private var reader: JournalReader

  /// Records that are written.
  var count: Int { reader.count }

  init(id: Int, _ lock: FileLock, length: Int, _ reader: JournalReader, _ clock: Clock) {
    self.id = id
    self.lock = lock
    self.clock = clock
    self.length = length
    self.reader = reader
  }

  deinit {
    // Gives back the room that was taken in advance, unless the way back may still need it on a full disk.
    if reader.journal.map({ !$0.isOpen && !$0.awaitsConfirmation }) ?? true {
      _ = ftruncate(file.rawValue, off_t(length))
    }
  }

  /// Takes the lock of a journal. What the watchdog has to write takes no time.
  static func take(_ lock: FileLock) throws(JournalFailure) {
    do throws(Errno) { try lock.take(within: .seconds(2)) } catch {
      throw JournalFailure("another process writes to it: \(error)")
    }
  }

  public func append(_ entry: JournalEntry) throws(JournalFailure) {
    try append(JournalText.line(Journal.Line(clock.now(), entry), number: count))
  }

  func append(_ bytes: [UInt8]) throws(JournalFailure) {
    // What could not be read back would be of no use after a crash: nothing is begun with it.
    do throws(Diagnostics) {
      if let record = JournalText.whole(bytes[...]) { try reader.add(record) }
    } catch {
      throw JournalFailure("it could not be read back: \(error.message)")
    }
    do {
      try file.writeAll(bytes)
      guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
    } catch {
      // What was written of it must not stand before what is written next.
      _ = ftruncate(file.rawValue, off_t(length))
      reader.forgetLast()
      throw JournalFailure((error as? Errno ?? .ioError).description)
    }
    length += bytes.count
  }

  /// Takes room on the disk in advance, so that a full one is noticed before the first step and not between two.
  /// Where the file system cannot, it is not done.
  func reserve(_ bytes: Int) throws(JournalFailure) {
    do throws(Errno) { try file.reserve(bytes, behind: length) } catch {
      throw JournalFailure(error.description)
    }
  }
}
