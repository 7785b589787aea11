import Documents
import Glibc
import Hosts
import SystemPackage

/// A journal that is being written: what `append` returned from is on the disk.
public final class JournalFile {
  public let id: Int
  private let file: FileDescriptor
  private var length: Int
  private var reader: JournalReader

  /// Records that are written.
  var count: Int { reader.count }

  init(id: Int, _ file: FileDescriptor, length: Int, _ reader: JournalReader) {
    self.id = id
    self.file = file
    self.length = length
    self.reader = reader
  }

  deinit {
    // Gives back the room that was taken in advance.
    _ = ftruncate(file.rawValue, off_t(length))
    try? file.close()
  }

  public func append(_ entry: JournalEntry) throws(JournalFailure) {
    try append(JournalText.line(Journal.Line(at: .now, entry), number: count))
  }

  func append(_ bytes: [UInt8]) throws(JournalFailure) {
    // What could not be read back would be of no use after a crash: nothing is begun with it.
    do throws(Diagnostics) {
      if let record = JournalText.whole(bytes[...]) { try reader.add(record) }
    } catch {
      throw JournalFailure("it could not be read back: \(error.all.first?.message ?? "")")
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
    do throws(StateFolder.Refusal) {
      try StateFolder.reserve(bytes, behind: length, of: file)
    } catch {
      throw JournalFailure(error.reason)
    }
  }
}
