import Documents
import Foundation
import Hosts
import TestSupport
import Testing

@testable import Execution

@Suite("The host lock")
struct HostLockTests {
  private func objection(_ work: () throws(Diagnostics) -> HostLock) -> Diagnostic? {
    do throws(Diagnostics) {
      _ = try work()
      return nil
    } catch {
      return error.all.first
    }
  }

  private func lock(_ folder: String, _ task: String = "apply", _ timeout: Duration = .zero)
    throws(Diagnostics) -> HostLock
  {
    try HostLock(.host, in: folder, for: task, waiting: timeout)
  }

  @Test("refuses a second process and names its holder")
  func refused() throws {
    try withFolder { (folder) throws in
      let first = try lock(folder, "apply")
      let refused = objection { () throws(Diagnostics) in try lock(folder, "rollback") }
      #expect(refused?.code == "locked")
      #expect(refused?.message.names("\(getpid())", "apply") == true)
      #expect(
        try HostLock.holder(of: .host, in: folder) == HostLock.Owner(process: Int(getpid()), words: "apply"))
      // The watch lock is independent of the host lock.
      #expect(try HostLock.holder(of: .watch, in: folder) == nil)
      #expect(
        objection { () throws(Diagnostics) in try HostLock(.watch, in: folder, for: "x", waiting: .zero) }
          == nil)
      first.release()
      #expect(try HostLock.holder(of: .host, in: folder) == nil)
      #expect(objection { () throws(Diagnostics) in try lock(folder) } == nil)
    }
  }

  @Test("shows the first line of its file, at most 4096 characters; the line may be empty")
  func words() throws {
    try withFolder { (folder) throws in
      let first = try lock(folder)
      let path = folder + "/lock"
      for (text, told) in [
        ("", ""), ("a\u{1B}[2J\nsecond", " a\u{1B}[2J"),
        (String(repeating: "x", count: 5000), " " + String(repeating: "x", count: 4096)),
      ] {
        try Data(text.utf8).write(to: URL(filePath: path), options: [])
        chmod(path, 0o600)
        let refused = objection { () throws(Diagnostics) in try lock(folder) }
        #expect(told.isEmpty || refused?.message.contains(told) == true)
      }
      first.release()
    }
  }

  @Test("is acquired by a waiting process when it is released")
  func waits() throws {
    try withFolder { (folder) throws in
      var first: HostLock? = try lock(folder)
      let thread = Thread { [first] in
        usleep(700_000)
        first?.release()
      }
      thread.start()
      let began = ContinuousClock.now
      _ = try lock(folder, "rollback", .seconds(20))
      #expect(.now - began > .milliseconds(500))
      first = nil
    }
  }

  @Test("is released when its process is killed")
  func died() throws {
    try withFolder { (folder) throws in
      try lock(folder).release()
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/flock")
      process.arguments = ["--no-fork", folder + "/lock", "/usr/bin/sleep", "60"]
      try process.run()
      defer { kill(process.processIdentifier, SIGKILL) }
      let end = Date.now + 10
      while try HostLock.holder(of: .host, in: folder) == nil, .now < end { usleep(10_000) }
      #expect(objection { () throws(Diagnostics) in try lock(folder) }?.code == "locked")
      // flock does not write to the file, so the file names a process that has ended.
      try Data("process 99999999, apply\n".utf8).write(to: URL(filePath: folder + "/lock"), options: [])
      chmod(folder + "/lock", 0o600)
      #expect(
        try HostLock.holder(of: .host, in: folder)?.description.names(
          "\(process.processIdentifier)", "99999999", "apply") == true)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let next = try lock(folder)
      #expect(next.unendedWrites.isEmpty)
    }
  }

  @Test("counts a process that inherited its file descriptor as an unended write")
  func unended() throws {
    try withFolder { (folder) throws in
      func start(_ file: FileHandle) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/sleep")
        process.arguments = ["60"]
        process.standardInput = file
        try process.run()
        return process
      }
      func end(_ process: Process) {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      var earlier: HostLock? = try lock(folder)
      let write = try start(FileHandle(fileDescriptor: try #require(earlier?.descriptor)))
      // A process that waits for the lock has the file open, too.
      let waiting = try start(try #require(FileHandle(forReadingAtPath: folder + "/lock")))
      defer { end(waiting) }
      earlier?.release()
      earlier = nil
      let now = try lock(folder)
      #expect(now.hasUnendedWrites)
      #expect(now.unendedWrites.contains(Int(write.processIdentifier)))
      end(write)
      #expect(!now.hasUnendedWrites)
      #expect(now.unendedWrites == [])
    }
  }

  @Test("shows the process of its holder and the task that the holder announced last")
  func says() throws {
    try withFolder { (folder) throws in
      let lock = try HostLock(.watch, in: folder, for: "watches apply 1", waiting: .zero)
      for words in ["watches apply 1; not undone yet: a guard, and\nmore", "watches apply 1", "x"] {
        lock.announce(words)
        let holder = try #require(try HostLock.holder(of: .watch, in: folder))
        #expect(holder == HostLock.Owner(process: Int(getpid()), words: words.replacing("\n", with: " ")))
        #expect(!holder.isStopped)
      }
    }
  }

  @Test("shows whether its holder is stopped")
  func stopped() throws {
    try withFolder { (folder) throws in
      try lock(folder).release()
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/flock")
      process.arguments = ["--no-fork", folder + "/lock", "/usr/bin/sleep", "60"]
      try process.run()
      defer { kill(process.processIdentifier, SIGKILL) }
      try Data("process \(process.processIdentifier), apply\n".utf8).write(
        to: URL(filePath: folder + "/lock"), options: [])
      chmod(folder + "/lock", 0o600)
      func holder(_ isStopped: Bool) throws -> HostLock.Owner? {
        let end = Date.now + 10
        while .now < end {
          let holder = try HostLock.holder(of: .host, in: folder)
          if holder?.isStopped == isStopped { return holder }
          usleep(1000)
        }
        return nil
      }
      #expect(try holder(false)?.description == "process \(process.processIdentifier), apply")
      kill(process.processIdentifier, SIGSTOP)
      #expect(try holder(true)?.description == "process \(process.processIdentifier) (stopped), apply")
    }
  }

  @Test("can be inspected without blocking a process that acquires it")
  func looks() throws {
    try withFolder { (folder) throws in
      try lock(folder).release()
      let isOver = Flag()
      let thread = Thread {
        while !isOver.isSet { _ = try? HostLock.holder(of: .host, in: folder) }
      }
      thread.start()
      defer { isOver.set() }
      for _ in 0..<100 {
        #expect(objection { () throws(Diagnostics) in try lock(folder) } == nil)
      }
    }
  }

  @Test("is refused where its file is a link, a pipe or writable by others")
  func hostile() throws {
    try withFolder { (folder) throws in
      let path = folder + "/lock"
      symlink("/etc/passwd", path)
      #expect(objection { () throws(Diagnostics) in try lock(folder) }?.code == "state-folder")
      unlink(path)
      mkfifo(path, 0o600)
      #expect(objection { () throws(Diagnostics) in try lock(folder) }?.code == "state-folder")
      unlink(path)
      try Data().write(to: URL(filePath: path))
      chmod(path, 0o666)
      #expect(objection { () throws(Diagnostics) in try lock(folder) }?.code == "state-folder")
    }
  }
}

private final class Flag: Sendable {
  private let life = Life()
  func set() { life.end() }
  var isSet: Bool { life.isEnded }
}
