import Foundation
import Testing

@Suite("Signals, and two pcipasses at once")
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

  @Test("the step in hand is ended, then all goes back", arguments: [SIGINT, SIGTERM, SIGHUP])
  func stopped(signal: Int32) throws {
    try withFault(at: "bind/0000:02:00.0", "slow", seconds: 1, on: host) { () throws in
      let apply = try Beside("apply", "manifests", "--yes", "--simulate", host)
      apply.await("4/6")
      apply.signal(signal)
      let result = apply.end()
      #expect(result.status == 1)
      #expect(result.output.contains("5/6  bind 0000:02:00.0: igb → vfio-pci: done in 1."))
      #expect(
        result.output.contains(
          "6/6  attach 0000:02:00.0 (outside) to the definition of web-1: not begun: stopped by SIG"))
      #expect(result.output.contains("Stopped. What was done is undone."))
    }
    #expect(try bindings(host) == start)
    #expect(try run("history").output.contains("undone"))
    #expect(try run("apply", "manifests", "--yes").status == 0)
  }

  @Test("the second Ctrl-C ends it at once, and recover finds out where")
  func atOnce() throws {
    try withFault(at: "bind/0000:02:00.0", "slow", seconds: 5, on: host) { () throws in
      let apply = try Beside("apply", "manifests", "--yes", "--simulate", host)
      apply.await("4/6")
      apply.signal(SIGINT)
      usleep(200_000)
      apply.signal(SIGINT)
      let result = apply.end()
      #expect(result.status == 130)
      #expect(
        result.error == "\npcipass: stopped at once; pcipass recover finds out where, and goes back or on\n")
    }
    #expect(try run("plan", "manifests").error.contains("interrupted at step 5 of 6, bind 0000:02:00.0"))
    #expect(try run("recover", "--yes").status == 0)
    #expect(try bindings(host) == start)
  }

  @Test("a rollback that is stopped goes back to what was applied")
  func rollback() throws {
    #expect(try run("apply", "manifests", "--yes").status == 0)
    let applied = try bindings(host)
    try withFault(at: "undo/attach/winxp/lan/live", "slow", seconds: 1, on: host) { () throws in
      let rollback = try Beside("rollback", "--yes", "--simulate", host)
      rollback.await("2/5")
      rollback.signal(SIGTERM)
      #expect(rollback.end().status == 1)
    }
    #expect(try bindings(host) == applied)
  }

  @Test("a recovery that is stopped stays open, and is taken up again")
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
      #expect(result.status == 1)
      #expect(result.output.contains("Stopped on the way back."))
    }
    #expect(try run("plan", "manifests").error.contains("[interrupted]"))
    #expect(try run("recover", "--yes").status == 0)
    #expect(try bindings(host) == start)
  }

  @Test("whoever has lost the terminal with an apply that is to be confirmed is helped by the watchdog")
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

  @Test("a question that nobody answers holds the lock; others are told who has it, or wait")
  func lock() throws {
    let asking = try Beside("apply", "manifests", "--simulate", host, onTerminal: true)
    asking.await("Carry out these 6 steps on hv01?")
    for words in [
      ["apply", "manifests", "--yes"], ["rollback", "--yes"], ["recover", "--yes"], ["confirm"],
    ] {
      let refused = try Pcipass.run(words + ["--simulate", host])
      #expect(refused.status == 1)
      #expect(
        refused.error.contains(
          /error: another pcipass is at work on this host: process [0-9]+, apply; nothing was done \[locked\]/
        )
      )
      #expect(refused.error.contains("--lock-timeout SECONDS"))
    }
    // What changes nothing does not care.
    #expect(try run("plan", "manifests").status == 0)
    #expect(try run("plan", "manifests").error == "")
    #expect(try run("history").status == 0)
    let waiting = try Beside("apply", "manifests", "--yes", "--simulate", host, "--lock-timeout", "30")
    usleep(300_000)
    #expect(waiting.output == "")
    asking.type("no\n")
    #expect(asking.end().output.contains("nothing was done"))
    let result = waiting.end()
    #expect(result.status == 0)
    #expect(result.output.contains("Done. 6 of 6"))
  }

  @Test("a plan beside a running apply says that the host is changing")
  func running() throws {
    try withFault(at: "bind/0000:02:00.0", "slow", seconds: 2, on: host) { () throws in
      let apply = try Beside("apply", "manifests", "--yes", "--simulate", host)
      apply.await("4/6")
      let plan = try run("plan", "manifests")
      #expect(
        plan.error.contains(
          /warning: apply 1 is being carried out by process [0-9]+, apply: the host is changing/))
      #expect(apply.end().status == 0)
    }
  }
}
