import Documents
import Foundation
import HostModel
import Hosts
import Planning
import TestSupport
import Testing

@testable import Execution

@Suite("The journals of a host")
struct JournalStoreTests {
  private func begin(_ store: JournalStore, keep: Int = 1000) throws -> JournalFile {
    try store.begin(header(), keep: keep)
  }

  private func objection<Value>(_ work: () throws(Diagnostics) -> Value) -> Diagnostic? {
    do throws(Diagnostics) {
      _ = try work()
      return nil
    } catch {
      return error.all.first
    }
  }

  private func mode(_ path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
  }

  @Test("A missing state folder has no journals, and reading does not create it")
  func none() throws {
    try withFolder { (folder) throws in
      let store = JournalStore(folder + "/state")
      #expect(try store.ids() == [])
      #expect(try store.all() == [])
      #expect(try store.obstacle() == nil)
      #expect(try store.journal(1) == nil)
      #expect(objection { () throws(Diagnostics) in try store.append(to: 1) }?.code == "no-journal")
      #expect(!FileManager.default.fileExists(atPath: folder + "/state"))
    }
  }

  @Test("A journal keeps its entries, and only its owner can read it")
  func written() throws {
    try withFolder { (folder) throws in
      umask(0)
      defer { umask(0o022) }
      let state = folder + "/state"
      let store = JournalStore(state)
      var file: JournalFile? = try begin(store)
      #expect(file?.id == 1)
      let step = smallPlan.steps[0]
      try file?.append(.starting(step, as: step.action))
      #expect(try store.journal(1)?.entries == [.starting(step, as: step.action)])
      file = nil
      let again = try store.append(to: 1)
      try again.append(.done(step, took: .zero))
      #expect(try store.journal(1)?.entries == [.starting(step, as: step.action), .done(step, took: .zero)])
      #expect(try begin(store).id == 2)
      #expect(try store.ids() == [1, 2])
      #expect(mode(state) == 0o700)
      #expect(mode(state + "/journal") == 0o700)
      #expect(mode(state + "/journal/1") == 0o600)
    }
  }

  @Test("Only one process at a time can write to a journal")
  func oneWriter() throws {
    try withFolder { (folder) throws in
      let store = JournalStore(folder)
      var file: JournalFile? = try begin(store)
      #expect(objection { () throws(Diagnostics) in try store.append(to: 1) }?.code == "locked")
      try file?.append(.ended(.success))
      file = nil
      try store.append(to: 1).append(.confirmed(by: "root"))
      #expect(try store.journal(1)?.entries == [.ended(.success), .confirmed(by: "root")])
    }
  }

  @Test("Runs without effects do not displace runs that can be rolled back, and are limited")
  func comesToNothing() throws {
    try withFolder { (folder) throws in
      let store = JournalStore(folder)
      let step = smallPlan.steps[0]
      func run(_ entries: [JournalEntry]) throws {
        let file = try begin(store, keep: 3)
        for entry in entries { try file.append(entry) }
      }
      let begun = JournalEntry.starting(step, as: step.action)
      for _ in 1...4 { try run([begun, .done(step, took: .zero), .ended(.success)]) }
      #expect(try store.ids() == [1, 2, 3, 4])
      // These runs started nothing, or undid all that they had started.
      for _ in 0..<20 {
        try run([.failed(step, HostFailure(.refused, "no"), took: .zero), .ended(.undone)])
        try run([begun, .undone(step, took: .zero), .ended(.undone)])
      }
      #expect(try store.ids().filter { $0 <= 4 } == [2, 3, 4])
      #expect(try store.ids().count == 6)
      try run([begun, .done(step, took: .zero), .ended(.success)])
      try run([])
      #expect(try store.ids().prefix(3) == [3, 4, 43])
    }
  }

  @Test("A torn end is removed before an entry is appended")
  func torn() throws {
    try withFolder { (folder) throws in
      let store = JournalStore(folder)
      let step = smallPlan.steps[0]
      try begin(store).append(.starting(step, as: step.action))
      let path = folder + "/journal/1"
      let whole = try Data(contentsOf: URL(filePath: path))
      for junk in [Data([0, 0, 0]), whole.suffix(40), Data("\n".utf8)] {
        try (whole + junk).write(to: URL(filePath: path))
        chmod(path, 0o600)
        let file = try store.append(to: 1)
        #expect(try Data(contentsOf: URL(filePath: path)) == whole)
        try file.append(.ended(.undone))
        #expect(try store.journal(1)?.end == .undone)
      }
    }
  }

  @Test("The oldest journals are deleted, and their numbers are not used again")
  func pruned() throws {
    try withFolder { (folder) throws in
      let store = JournalStore(folder)
      for id in 1...12 { #expect(try begin(store, keep: 10).id == id) }
      #expect(try store.ids() == Array(3...12))
      #expect(try begin(store, keep: 1).id == 13)
      #expect(try store.ids() == [13])
      #expect(try begin(store, keep: 0).id == 14)
      #expect(try store.ids() == [14])
    }
  }

  @Test("An apply that waits for confirmation is kept, however often its rollback fails")
  func prunedWhileWaiting() throws {
    try withFolder { (folder) throws in
      let store = JournalStore(folder)
      try store.begin(header(confirmWithin: 60), keep: 10).append(.ended(.success))
      for _ in 0..<15 {
        try store.begin(header(smallPlan, .rollback(of: 1, only: [])), keep: 10).append(.ended(.undone))
      }
      guard case .awaitsConfirmation(let journal)? = try store.obstacle() else {
        Issue.record("forgotten")
        return
      }
      #expect(journal.id == 1)
      #expect(try store.ids().count == 10)
    }
  }

  @Test("Files with other names in the folder are not journals")
  func junk() throws {
    try withFolder { (folder) throws in
      let store = JournalStore(folder)
      try begin(store).append(.ended(.success))
      for name in ["+2", "-3", "007", "4.old", " 5", "6 ", "0", "x", "9223372036854775808", ".7.12", "٨"] {
        #expect(FileManager.default.createFile(atPath: "\(folder)/journal/\(name)", contents: Data()))
      }
      #expect(try store.ids() == [1])
      for _ in 0..<12 { _ = try begin(store, keep: 10) }
      #expect(try store.ids() == Array(4...13))
      #expect(FileManager.default.fileExists(atPath: folder + "/journal/+2"))
    }
  }

  @Test("The largest integer is not the number of a journal")
  func lastNumber() throws {
    try withFolder { (folder) throws in
      let store = JournalStore(folder)
      _ = try begin(store)
      #expect(FileManager.default.createFile(atPath: "\(folder)/journal/\(Int.max)", contents: Data()))
      #expect(try begin(store).id == 2)
    }
  }

  @Test("A journal without a valid record is skipped, and its number is not used again")
  func neverBegun() throws {
    try withFolder { (folder) throws in
      let store = JournalStore(folder)
      try begin(store).append(.ended(.success))
      #expect(FileManager.default.createFile(atPath: folder + "/journal/2", contents: Data([1, 2, 3])))
      #expect(try store.all().map(\.id) == [1])
      #expect(try store.obstacle() == nil)
      #expect(try begin(store).id == 3)
    }
  }

  // MARK: Files that another user may have put there

  @Test("A journal is refused where it is a link, a pipe, a folder or writable by others")
  func hostileFile() throws {
    try withFolder { (folder) throws in
      let store = JournalStore(folder)
      try begin(store).append(.ended(.success))
      let path = folder + "/journal/1"
      let whole = try Data(contentsOf: URL(filePath: path))
      func expect(
        _ values: String..., at location: Testing.SourceLocation = #_sourceLocation, _ make: () throws -> Void
      ) throws {
        try? FileManager.default.removeItem(atPath: path)
        try make()
        let objections = [
          objection { () throws(Diagnostics) in try store.journal(1) },
          objection { () throws(Diagnostics) in try store.append(to: 1) },
          objection(store.obstacle),
        ]
        for objection in objections {
          #expect(objection?.code == "state-folder", sourceLocation: location)
          #expect(
            objection?.message.names(values) == true, "\(objection?.message ?? "")",
            sourceLocation: location)
          #expect(objection?.message.hasPrefix(path) == true, sourceLocation: location)
        }
      }
      try expect {
        try whole.write(to: URL(filePath: folder + "/other"))
        symlink(folder + "/other", path)
      }
      try expect { mkfifo(path, 0o600) }
      try expect { mkdir(path, 0o700) }
      for mode: mode_t in [0o620, 0o602, 0o666] {
        try expect {
          try whole.write(to: URL(filePath: path))
          chmod(path, mode)
        }
      }
      guard geteuid() == 0 else { return }
      try expect("65534") {
        try whole.write(to: URL(filePath: path))
        chmod(path, 0o600)
        chown(path, 65534, 0)
      }
    }
  }

  @Test("A state folder is refused where it is a link, a file, another user's or open to others")
  func hostileFolder() throws {
    try withFolder { (folder) throws in
      let real = folder + "/real"
      try JournalStore(real).begin(header(), keep: 10).append(.ended(.success))
      func expect(_ path: String, _ values: String..., at location: Testing.SourceLocation = #_sourceLocation)
      {
        let store = JournalStore(path)
        let objections = [
          objection(store.ids), objection(store.obstacle),
          objection { () throws(Diagnostics) in try store.begin(header(), keep: 10) },
        ]
        for objection in objections {
          #expect(objection?.code == "state-folder", sourceLocation: location)
          #expect(
            objection?.message.names(values) == true, "\(objection?.message ?? "")",
            sourceLocation: location)
        }
      }
      symlink(real, folder + "/link")
      expect(folder + "/link")
      #expect(FileManager.default.createFile(atPath: folder + "/file", contents: nil))
      expect(folder + "/file")
      for inner in [real, real + "/journal"] {
        chmod(inner, 0o770)
        expect(real)
        chmod(inner, 0o700)
        guard geteuid() == 0 else { continue }
        chown(inner, 65534, 0)
        expect(real, "65534")
        chown(inner, 0, 0)
      }
      rename(real + "/journal", real + "/hidden")
      symlink(real + "/hidden", real + "/journal")
      expect(real)
      #expect(
        objection { () throws(Diagnostics) in try JournalStore(folder + "/a/b").begin(header(), keep: 10) }?
          .code == "state-folder")
    }
  }

  @Test(
    "A full disk fails the creation of a journal, and leaves no open run",
    .enabled(if: geteuid() == 0))
  func full() throws {
    try withFolder { (folder) throws in
      let small = folder + "/small"
      mkdir(small, 0o700)
      guard mount("none", small, "tmpfs", 0, "size=16k,mode=700") == 0 else { return }
      defer { umount2(small, Int32(MNT_DETACH)) }
      let store = JournalStore(small)
      let objection = objection { () throws(Diagnostics) in try store.begin(header(), keep: 10) }
      #expect(objection?.code == "unwritable")
      #expect(objection?.message.names("No space left on device") == true)
      #expect(try store.obstacle() == nil)
    }
  }
}
