import Foundation
import HostModel
import Testing

@testable import Hosts

@Suite("A process that may be killed")
struct RunningProcessTests {
  private func sleeper() throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/sleep")
    process.arguments = ["60"]
    try process.run()
    return process
  }

  private func expectSoon(_ state: RunningProcess.ProcessState, of process: RunningProcess) {
    let end = Date.now + 10
    while process.state != state, .now < end { usleep(1000) }
    #expect(process.state == state)
  }

  @Test("is seen as running, stopped and gone, and can be killed while it is stopped")
  func states() throws {
    let sleeper = try sleeper()
    let identity = try #require(ProcessIdentity(of: Int(sleeper.processIdentifier)))
    let process = try #require(RunningProcess(identity))
    #expect(process.state == .running)
    kill(sleeper.processIdentifier, SIGSTOP)
    expectSoon(.stopped, of: process)
    try process.kill()
    expectSoon(.gone, of: process)
    sleeper.waitUntilExit()
    #expect(RunningProcess(identity) == nil)
    // A process that is already gone is not an error.
    try process.kill()
  }

  @Test("is not a process with the same PID and another start time or boot id")
  func other() throws {
    let sleeper = try sleeper()
    defer { kill(sleeper.processIdentifier, SIGKILL) }
    let identity = try #require(ProcessIdentity(of: Int(sleeper.processIdentifier)))
    var other = identity
    other.start -= 1
    #expect(RunningProcess(other) == nil)
    other = identity
    other.boot = "00000000-0000-4000-8000-000000000001"
    #expect(RunningProcess(other) == nil)
    #expect(sleeper.isRunning)
  }

  @Test("is found by a file that it has open, unless it is the caller")
  func others() throws {
    let path = "/dev/shm/pcipass-\(UUID().uuidString)"
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = try #require(FileHandle(forReadingAtPath: path))
    let sleeper = Process()
    sleeper.executableURL = URL(filePath: "/usr/bin/sleep")
    sleeper.arguments = ["60"]
    sleeper.standardInput = file
    try sleeper.run()
    defer { kill(sleeper.processIdentifier, SIGKILL) }
    #expect(RunningProcess.others(havingOpen: file.fileDescriptor).contains(Int(sleeper.processIdentifier)))
    let own = try #require(FileHandle(forReadingAtPath: "/dev/null"))
    #expect(!RunningProcess.others(havingOpen: own.fileDescriptor).contains(Int(getpid())))
  }
}
