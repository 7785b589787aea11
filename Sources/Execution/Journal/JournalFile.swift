import Documents
import Glibc
import Hosts
import SystemPackage

/// A journal that is being written: what `append` returned from is on the disk.
public final class JournalFile {
  public let id: Int
  private let file: FileDescriptor
  private var length: Int
  /// Records that are written.
  private(set) var count: Int

  init(id: Int, _ file: FileDescriptor, length: Int, count: Int) {
    self.id = id
    self.file = file
    self.length = length
    self.count = count
  }

  deinit { try? file.close() }

  public func append(_ entry: JournalEntry) throws(JournalFailure) {
    try append(JournalText.line(Journal.Line(at: .now, entry), number: count))
  }

  func append(_ bytes: [UInt8]) throws(JournalFailure) {
    do {
      try file.writeAll(bytes)
      guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
    } catch {
      // What was written of it must not stand before what is written next.
      _ = ftruncate(file.rawValue, off_t(length))
      throw JournalFailure((error as? Errno ?? .ioError).description)
    }
    length += bytes.count
    count += 1
  }

  /// Takes room on the disk in advance, so that a full one is noticed before the first step and not between two.
  /// Where the file system cannot, it is not done.
  func reserve(_ bytes: Int) throws(JournalFailure) {
    do throws(StateFolder.Refusal) {
      try StateFolder.reserve(bytes, behind: length, of: file)
    } catch {
      throw JournalFailure(error.reason)
    }
  }
}
