import Files
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("Folders and links")
struct FolderTests {
  /// Runs the body with a folder of the files `b` and `.hidden`, the folder `a`, and a link to `a`.
  private func withEntries(_ body: (String) throws -> Void) throws {
    try withFolder { (folder) throws in
      for name in ["b", ".hidden"] { try Data("text".utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
      mkdir(folder + "/a", 0o700)
      symlink("a", folder + "/link")
      try body(folder)
    }
  }

  @Test("names() sorts all names, and shownNames() leaves out hidden names")
  func names() throws {
    try withEntries { (folder) throws in
      #expect(try Folder(at: folder).names() == [".hidden", "a", "b", "link"])
      #expect(try Folder.shownNames(at: folder, followsLink: true).sorted() == ["a", "b", "link"])
      #expect(try Folder.shownNames(at: folder, followsLink: true, upTo: 2).count == 2)
      #expect(try Folder.shownNames(at: folder + "/link", followsLink: true) == [])
      #expect(throws: Errno.self) { try Folder.shownNames(at: folder + "/link", followsLink: false) }
      #expect(throws: Errno.notDirectory) { try Folder.shownNames(at: folder + "/b", followsLink: true) }
    }
  }

  @Test("Reading an entry of a folder never follows a symbolic link")
  func links() throws {
    try withEntries { (path) throws in
      symlink("missing", path + "/dangling")
      symlink("b", path + "/other")
      let folder = try Folder(at: path)
      let scratch = Scratch(capacity: 4097)
      let target = try folder.link("link", scratch).text
      let missing = try folder.linkIfPresent("missing", scratch) == nil
      #expect(target == "a" && missing)
      let present = ["link", "a", "dangling", "missing"].map { (name: String) in folder.has(name) }
      #expect(present == [true, true, true, false])
      let text = try folder.read("b", scratch).text
      #expect(text == "text")
      #expect(
        failure { () throws(Errno) in _ = try folder.read("other", scratch) } == .tooManySymbolicLinkLevels)
      #expect(failure { () throws(Errno) in _ = try folder.folder("link") } == .notDirectory)
      #expect(try Folder.link(at: path + "/link") == "a")
      #expect(throws: Errno.invalidArgument) { try Folder.link(at: path + "/a") }
    }
  }

  private func failure(_ work: () throws(Errno) -> Void) -> Errno? {
    do throws(Errno) { try work() } catch { return error }
    return nil
  }

  @Test("readFile() reads at most its limit; contents(upTo:) fails for a longer file")
  func whole() throws {
    try withEntries { (folder) throws in
      #expect(try readFile(at: folder + "/b", atMost: 3) == Array("tex".utf8))
      #expect(try readFile(at: folder + "/b", atMost: 100_000_000) == Array("text".utf8))
      #expect(try readFile(at: "/dev/zero", atMost: 100_000).count == 100_000)
      #expect(try !readFile(at: "/proc/self/stat", atMost: 10_000).isEmpty)
      let error = #expect(throws: FileError.self) { try readFile(at: folder + "/a", atMost: 10) }
      #expect(error?.code == .isDirectory)
      #expect(try Folder(at: folder).file("b").contents(upTo: 4) == Array("text".utf8))
      #expect(throws: Errno.fileTooLarge) { try Folder(at: folder).file("b").contents(upTo: 3) }
    }
  }

  @Test("A FIFO without a writer is empty, and all bytes of a slow writer are read")
  func fifo() throws {
    try withFolder { (folder) throws in
      let path = folder + "/fifo"
      mkfifo(path, 0o600)
      #expect(try readFile(at: path, atMost: 10) == [])
      let writer = try FileDescriptor.open(path, .readWrite)
      let reading = InBackground { try? readFile(at: path, atMost: 4) }
      for byte in "text".utf8 {
        sleep(for: .milliseconds(20))
        _ = try writer.writeAll([byte])
      }
      #expect(reading.finish() == Array("text".utf8))
      try writer.close()
    }
  }
}
