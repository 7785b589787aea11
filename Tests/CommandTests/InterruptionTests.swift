import Foundation
import TestSupport
import Testing

@Suite("Signals and concurrent pcipass processes")
struct InterruptionTests {
  private let folder: TemporaryFolder
  private let host: String
  private let start: [String]

  init() throws {
    folder = try TemporaryFolder()
    host = try folder.simulated("hv01")
    start = try bindings(host)
  }

  private func run(_ words: String...) throws -> Pcipass.Result {
    try Pcipass.run(words + ["--simulate", host])
  }

  @Test(
    "a signal lets the current step finish, then all steps are undone",
    arguments: [SIGINT, SIGTERM, SIGHUP])
  func stopped(signal: Int32) throws {
    try withFault(at: "bind/0000:02:00.0", "slow", seconds: 1, on: host) { () throws in
      let apply = try Beside("apply", "manifests", "--yes", "--simulate", host)
      apply.await("4/6")
      apply.signal(signal)
      let result = apply.end()
      #expect(result.status == signal)
      #expect(result.output.contains(/5\/6 .*0000:02:00.0: igb → vfio-pci: .* 1\.[0-9]+ s/))
      #expect(result.output.contains(/6\/6 .*0000:02:00.0 .*web: .*SIG(INT|TERM|HUP)/))
    }
    #expect(try bindings(host) == start)
    #expect(try run("history", "--format", "json").output.contains(#""outcome": "undone""#))
    #expect(try run("apply", "manifests", "--yes").status == 0)
  }

  @Test("a second Ctrl-C ends an apply at once, and recover undoes its steps")
  func atOnce() throws {
    try withFault(at: "bind/0000:02:00.0", "slow", seconds: 5, on: host) { () throws in
      let apply = try Beside("apply", "manifests", "--yes", "--simulate", host)
      apply.await("4/6")
      apply.signal(SIGINT)
      usleep(200_000)
      apply.signal(SIGINT)
      let result = apply.end()
      #expect(result.status == 5)
      #expect(result.error.hasPrefix("\npcipass: ") && result.error.names("pcipass recover"))
    }
    #expect(try run("plan", "manifests").error.contains(/5 of 6.*0000:02:00.0.*\[interrupted\]/))
    #expect(try run("recover", "--yes").status == 0)
    #expect(try bindings(host) == start)
  }

  @Test("a rollback that is stopped restores the applied state")
  func rollback() throws {
    #expect(try run("apply", "manifests", "--yes").status == 0)
    let applied = try bindings(host)
    try withFault(at: "undo/attach/winxp/lan/live", "slow", seconds: 1, on: host) { () throws in
      let rollback = try Beside("rollback", "--yes", "--simulate", host)
      rollback.await("2/5")
      rollback.signal(SIGTERM)
      #expect(rollback.end().status == SIGTERM)
    }
    #expect(try bindings(host) == applied)
  }

  @Test("a recovery that is stopped stays open, and can be repeated")
  func recovery() throws {
    try withFault(at: "attach/web/outside/persistent", "killed", on: host) { () throws in
      #expect(try run("apply", "manifests", "--yes").status == SIGKILL)
    }
    try withFault(at: "undo/bind/0000:02:00.0", "slow", seconds: 1, on: host) { () throws in
      let recover = try Beside("recover", "--yes", "--simulate", host)
      recover.await("0 to add")
      usleep(200_000)
      recover.signal(SIGINT)
      let result = recover.end()
      #expect(result.status == 5)
    }
    #expect(try run("plan", "manifests").error.contains("[interrupted]"))
    #expect(try run("recover", "--yes").status == 0)
    #expect(try bindings(host) == start)
  }

  @Test("an apply with --confirm-within continues after a hangup, and can be confirmed")
  func hangup() throws {
    try withFault(at: "bind/0000:02:00.0", "slow", seconds: 1, on: host) { () throws in
      let apply = try Beside(
        "apply", "manifests", "--yes", "--confirm-within", "60s", "--simulate", host)
      apply.await("4/6")
      apply.signal(SIGHUP)
      #expect(apply.end().status == 0)
    }
    #expect(try run("confirm").status == 0)
    let process = try #require(watchdog(of: host))
    expectSoon("the watchdog's end") { !isRunning(process) }
  }

  // MARK: The lock

  @Test("an open question holds no lock, and a late answer is refused if the host has changed")
  func question() throws {
    let asking = try Beside("apply", "manifests", "--simulate", host, onTerminal: true)
    asking.await("hv01?")
    #expect(try run("recover", "--yes").status == 0)
    #expect(try run("confirm").error.contains("[nothing-to-confirm]"))
    let applied = try run("apply", "manifests", "--yes")
    #expect(applied.status == 0)
    #expect(applied.output.contains("6 of 6"))
    asking.type("yes\n")
    let late = asking.end()
    #expect(late.status == 1)
    #expect(late.output.contains(/error: .* \[stale\]/))
    #expect(try run("history").output.contains("2  ") == false)
    // The answer is also refused if another apply waits for confirmation by then.
    #expect(try run("rollback", "--yes").status == 0)
    let second = try Beside("apply", "manifests", "--simulate", host, onTerminal: true)
    second.await("hv01?")
    #expect(try run("apply", "manifests", "--yes", "--confirm-within", "1m").status == 0)
    second.type("yes\n")
    let refused = second.end()
    #expect(refused.status == 6)
    #expect(refused.output.contains("[unconfirmed]"))
    #expect(try run("confirm").status == 0)
  }

  @Test("a running apply holds the lock; other runs report the holder, or wait")
  func lock() throws {
    try withFault(at: "bind/0000:02:00.0", "slow", seconds: 4, on: host) { () throws in
      let working = try Beside("apply", "manifests", "--yes", "--simulate", host)
      working.await("4/6")
      for words in [
        ["apply", "manifests", "--yes"], ["rollback", "--yes"], ["recover", "--yes"], ["confirm"],
        ["apply", "manifests"],
      ] {
        let refused = try Pcipass.run(words + ["--simulate", host])
        #expect(refused.status == 75)
        #expect(
          refused.error.contains(
            /error: .* process [0-9]+, apply.* \[locked\]/
          ))
        #expect(refused.error.contains("--lock-timeout SECONDS"))
      }
      // Commands that change nothing do not need the lock.
      #expect(try run("plan", "manifests").status == 0)
      #expect(try run("history").status == 0)
      let waiting = try Beside("apply", "manifests", "--yes", "--simulate", host, "--lock-timeout", "30")
      #expect(working.end().status == 0)
      let result = waiting.end()
      #expect(result.status == 0)
      #expect(result.output.names("hv01") && !result.output.contains("6/6"))
    }
  }

  @Test("a reader that does not read blocks neither the run nor the lock")
  func blockedOutput() throws {
    let pipe = Pipe()
    let writing = pipe.fileHandleForWriting.fileDescriptor
    // The pipe is filled, so that not even the first line fits.
    _ = fcntl(writing, F_SETFL, O_NONBLOCK)
    let junk = [UInt8](repeating: 0x2E, count: 4096)
    while write(writing, junk, junk.count) > 0 {}
    _ = fcntl(writing, F_SETFL, 0)
    let process = Process()
    process.executableURL = Pcipass.binary
    process.arguments = ["apply", "manifests", "--yes", "--verbose", "--simulate", host]
    process.currentDirectoryURL = Pcipass.root
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer { kill(process.processIdentifier, SIGKILL) }
    try expectSoon("its end on the host") {
      try run("history", "--format", "json").output.contains(#""outcome": "done""#)
    }
    // The process waits for its reader, without the lock.
    #expect(process.isRunning)
    #expect(try run("rollback", "--yes").status == 0)
    var text = Data()
    while !text.contains(Data("rollback 1".utf8)) {
      let more = pipe.fileHandleForReading.availableData
      if more.isEmpty { break }
      text += more
    }
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(String(decoding: text, as: UTF8.self).contains("6 of 6"))
  }

  @Test("a plan during an apply warns that the apply is running")
  func running() throws {
    try withFault(at: "bind/0000:02:00.0", "slow", seconds: 2, on: host) { () throws in
      let apply = try Beside("apply", "manifests", "--yes", "--simulate", host)
      apply.await("4/6")
      let plan = try run("plan", "manifests")
      #expect(
        plan.error.contains(
          /warning: apply 1 .* process [0-9]+, apply/))
      #expect(apply.end().status == 0)
    }
  }
}
