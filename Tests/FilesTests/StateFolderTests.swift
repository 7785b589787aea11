import Files
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("The state folder")
struct StateFolderTests {
  private func refusal(_ work: () throws(FileError) -> Void) -> String? {
    do throws(FileError) {
      try work()
      return nil
    } catch {
      return error.description
    }
  }

  @Test("A file is replaced as a whole, or not at all")
  func replaced() throws {
    try withFolder { (path) throws in
      let folder = try StateFolder(path)
      try folder.replace("one", with: [1, 2, 3])
      #expect(try folder.contents("one", upTo: 10) == [1, 2, 3])
      try folder.replace("one", with: [])
      #expect(try folder.contents("one", upTo: 10) == [])
      #expect(try folder.contents("two", upTo: 10) == nil)
      // A process with the same PID left this file when it was killed during a replacement.
      try Data([9]).write(to: URL(filePath: "\(path)/.one.\(getpid())"))
      try folder.replace("one", with: [4])
      #expect(try folder.names() == ["one"])
      mkdir(path + "/three", 0o700)
      #expect(refusal { () throws(FileError) in try folder.replace("three", with: [1]) } != nil)
      #expect(try folder.names() == ["one", "three"])
    }
  }

  @Test("Reading a file that is longer than the limit fails")
  func limit() throws {
    try withFolder { (path) throws in
      let folder = try StateFolder(path)
      try folder.replace("one", with: [UInt8](repeating: 7, count: 100))
      #expect(try folder.contents("one", upTo: 100)?.count == 100)
      #expect(refusal { () throws(FileError) in _ = try folder.contents("one", upTo: 99) } != nil)
    }
  }

  @Test("create() refuses an existing file; append, lock and read refuse a link")
  func created() throws {
    try withFolder { (path) throws in
      let folder = try StateFolder(path)
      let file = try folder.create("one")
      _ = try file.writeAll([1, 2])
      try file.close()
      #expect(
        refusal { () throws(FileError) in _ = try folder.create("one") }?.contains("File exists")
          == true)
      let again = try folder.append(to: "one")
      _ = try again.writeAll([3])
      try again.cut(to: 2)
      _ = try again.writeAll([4])
      try again.close()
      #expect(try folder.contents("one", upTo: 10) == [1, 2, 4])
      symlink(path + "/one", path + "/link")
      let link = "\(path)/link: the file is a symbolic link"
      #expect(refusal { () throws(FileError) in _ = try folder.append(to: "link") } == link)
      #expect(refusal { () throws(FileError) in _ = try folder.lock("link") } == link)
      #expect(refusal { () throws(FileError) in _ = try folder.contents("link", upTo: 10) } == link)
    }
  }

  @Test("Space that is reserved in advance does not change the contents of a file")
  func reserved() throws {
    try withFolder { (path) throws in
      let folder = try StateFolder(path)
      let file = try folder.create("one")
      try file.reserve(4096, behind: 0)
      try file.close()
      #expect(try folder.contents("one", upTo: 10) == [])
    }
  }

  @Test("Only the last folder of a path is created")
  func made() throws {
    try withFolder { (path) throws in
      _ = try StateFolder(path + "/a").folder("b")
      #expect(FileManager.default.fileExists(atPath: path + "/a/b"))
      #expect(
        refusal { () throws(FileError) in _ = try StateFolder(path + "/c/d") }?.hasSuffix(
          "No such file or directory") == true)
      #expect(try StateFolder.existing(path + "/c") == nil)
      try Data().write(to: URL(filePath: path + "/file"))
      #expect(
        refusal { () throws(FileError) in _ = try StateFolder(path).folder("file") }?.contains(
          "not a folder") == true)
    }
  }
}
