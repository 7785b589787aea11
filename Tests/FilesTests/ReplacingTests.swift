import Files
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("Replacing a file as a whole")
struct ReplacingTests {
  private func replace(_ path: String, _ text: String, isReplacing: Bool = true) throws(FileError) {
    try replaceFile(at: path, with: text.utf8, mode: [.ownerReadWrite, .groupRead], isReplacing: isReplacing)
  }

  private func names(_ folder: String) throws -> [String] { try Folder(at: folder).names() }

  @Test("A replaced file has the new text and mode, and no temporary file remains")
  func replaced() throws {
    try withFolder { (folder) throws in
      for text in ["one", "", "three"] {
        try replace(folder + "/file", text)
        #expect(try readFile(at: folder + "/file", atMost: 100) == Array(text.utf8))
      }
      #expect(try Stat(folder + "/file").permissions == [.ownerReadWrite, .groupRead])
      #expect(try names(folder) == ["file"])
    }
  }

  @Test("An existing file is kept where replacing is not allowed")
  func kept() throws {
    try withFolder { (folder) throws in
      try replace(folder + "/file", "one", isReplacing: false)
      let error = #expect(throws: FileError.self) {
        try replace(folder + "/file", "two", isReplacing: false)
      }
      #expect(error?.code == .fileExists)
      #expect(try readFile(at: folder + "/file", atMost: 100) == Array("one".utf8))
      #expect(try names(folder) == ["file"])
    }
  }

  @Test("A folder, a link and a FIFO are never replaced")
  func others() throws {
    try withFolder { (folder) throws in
      mkdir(folder + "/folder", 0o700)
      symlink(folder + "/elsewhere", folder + "/link")
      mkfifo(folder + "/fifo", 0o600)
      for name in ["folder", "folder/", "link", "fifo"] {
        let error = #expect(throws: FileError.self) { try replace("\(folder)/\(name)", "one") }
        #expect(error?.description == "\(folder)/\(name): it is not a regular file")
      }
      #expect(try names(folder) == ["fifo", "folder", "link"])
    }
  }

  @Test("The error names the path that cannot be written")
  func failures() throws {
    try withFolder { (folder) throws in
      try replace(folder + "/file", "one")
      for path in ["missing/file", "missing/", "file/file", String(repeating: "x", count: 250)] {
        let error = #expect(throws: FileError.self) { try replace("\(folder)/\(path)", "two") }
        #expect(error?.path == "\(folder)/\(path)")
      }
      #expect(try names(folder) == ["file"])
    }
  }
}
