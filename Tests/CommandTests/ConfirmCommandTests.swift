import Foundation
import TestSupport
import Testing

@Suite("pcipass apply --confirm-within and confirm")
struct ConfirmCommandTests {
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

  private func apply(within time: String) throws -> Pcipass.Result {
    try run("apply", "manifests", "--yes", "--confirm-within", time)
  }

  private func expectNoWatchdog(at location: Testing.SourceLocation = #_sourceLocation) throws {
    let process = try #require(watchdog(of: host), sourceLocation: location)
    expectSoon("the watchdog's end", at: location) { !isRunning(process) }
  }

  @Test("an apply confirmed in time stays in effect, and its watchdog ends")
  func confirmed() throws {
    let applied = try apply(within: "1m")
    #expect(applied.status == 0)
    #expect(applied.output.hasSuffix("pcipass confirm 1\n"))
    let other = try run("confirm", "7")
    #expect(other.status == 1)
    #expect(other.error.contains("[nothing-to-confirm]"))
    #expect(other.error.names("7", "pcipass confirm 1"))
    let plan = try run("plan", "manifests")
    #expect(
      plan.error.contains(
        /warning: apply 1 .* [-0-9]+ [:0-9]+ UTC; process [0-9]+ .* \[unconfirmed\]/
      ))
    #expect(plan.error.names("pcipass confirm 1", "pcipass rollback 1"))
    let again = try run("apply", "manifests", "--yes")
    #expect(again.status == 6)
    #expect(again.error.contains("error: apply 1 ") && again.error.contains("[unconfirmed]"))
    let confirmed = try run("confirm", "1")
    #expect(confirmed.status == 0)
    #expect(confirmed.output.names("1"))
    try expectNoWatchdog()
    #expect(try run("plan", "manifests", "--detailed-exitcode").status == 0)
    #expect(try run("plan", "manifests").error == "")
    let late = try run("confirm", "1")
    #expect(late.error.names("1", "root") && late.error.contains("[nothing-to-confirm]"))
    #expect(try run("confirm").error.contains("[nothing-to-confirm]"))
  }

  @Test("an apply with --host is undone although the host has another name")
  func otherName() throws {
    let text = try String(contentsOfFile: host, encoding: .utf8)
    try text.replacing(#""host": "hv01""#, with: #""host": "hv01.example.org""#)
      .write(toFile: host, atomically: true, encoding: .utf8)
    let apply = try run("apply", "manifests", "--yes", "--host", "hv01", "--confirm-within", "5s")
    #expect(apply.status == 0)
    expectSoon("the undo") { (try? bindings(host)) == start }
    let rollback = try run("rollback", "1", "--yes")
    #expect(rollback.error.contains("[wrong-host]") && rollback.error.names("apply 1", "--host hv01"))
  }

  @Test("an apply that is not confirmed is undone, as its own journal records")
  func unconfirmed() throws {
    #expect(try apply(within: "5s").status == 0)
    #expect(try bindings(host) != start)
    try expectNoWatchdog()
    #expect(try bindings(host) == start)
    let late = try run("confirm", "1")
    #expect(late.status == 1)
    #expect(late.error.contains("error: apply 1 ") && late.error.contains("[nothing-to-confirm]"))
    #expect(try run("history", "--format", "json").output.contains(#""outcome": "undone""#))
    #expect(try run("plan", "manifests").error == "")
    #expect(try run("rollback", "--yes").error.contains("[nothing-to-roll-back]"))
  }

  @Test("an apply that is rolled back completely by hand needs no confirmation")
  func byHand() throws {
    #expect(try apply(within: "1m").status == 0)
    #expect(try run("rollback", "1", "--yes", "--target", "nic/lan").status == 0)
    #expect(try run("plan", "manifests").error.contains("[unconfirmed]"))
    #expect(try run("rollback", "--yes", "--target", "nic/dmz").status == 0)
    // Both parts are rolled back. This rollback has no steps, but ends the wait for confirmation.
    let rest = try run("rollback", "--yes")
    #expect(rest.status == 0)
    #expect(rest.output.names("hv01"))
    #expect(try run("plan", "manifests").error == "")
    try expectNoWatchdog()
    #expect(try run("history").output.contains(/\n1 .* 4\n/))
    // A further rollback has nothing to do and writes no journal.
    #expect(try run("rollback", "1", "--yes").status == 0)
    #expect(try run("show", "5").status == 1)
    #expect(try bindings(host) == start)
  }

  @Test("an apply that was killed is rolled back, too")
  func killed() throws {
    try withFault(at: "attach/winxp/lan/live", "killed", writes: 1, on: host) { () throws in
      #expect(try apply(within: "5s").status == SIGKILL)
    }
    try expectNoWatchdog()
    #expect(try bindings(host) == start)
    #expect(try run("recover").status == 0)
  }

  @Test("an apply that failed and was undone has no watchdog")
  func failed() throws {
    try withFault(at: "attach/winxp/lan/live", "busy", on: host) { () throws in
      #expect(try apply(within: "1m").status == 4)
    }
    try expectNoWatchdog()
    #expect(try bindings(host) == start)
  }

  @Test("a step that cannot be undone is reported and tried again; the rest is undone")
  func stays() throws {
    try withFault(at: "undo/bind/0000:03:00.0", "busy", on: host) { () throws in
      #expect(try apply(within: "5s").status == 0)
      try expectSoon("a try") { try run("show", "1", "--format", "json").output.contains(#""reason": "#) }
      let plan = try run("plan", "manifests", "--detailed-exitcode")
      #expect(plan.status == 5)
      #expect(
        plan.error.contains(
          /apply 1 .* [-0-9]+ [:0-9]+ UTC; process [0-9]+ .* bind\/0000:03:00.0: .*Device or resource busy/
        ), "\(plan.error)")
      #expect(plan.error.contains("apply 1 of") && plan.error.contains("[interrupted]"))
      // All other functions are as before the apply.
      let left = try bindings(host).filter { !start.contains($0) }
      #expect(!left.isEmpty && left.allSatisfy { $0.contains("vfio-pci") }, "\(left)")
    }
    try expectSoon("the next try", within: 60) { try bindings(host) == start }
    try expectNoWatchdog()
    #expect(try run("confirm").status == 1)
  }

  @Test("an incomplete apply (--on-failure stop) waits for confirmation, too")
  func leftHalfDone() throws {
    try withFault(at: "attach/winxp/lan/live", "refused", on: host) { () throws in
      let applied = try run(
        "apply", "manifests", "--yes", "--on-failure", "stop", "--confirm-within", "10s")
      #expect(applied.status == 5)
      #expect(applied.output.contains("pcipass confirm 1"))
      #expect(try bindings(host) != start)
      #expect(try run("plan", "manifests").error.contains("[unconfirmed]"))
      try expectSoon("its undo", within: 40) { try bindings(host) == start }
    }
    #expect(try run("history", "--format", "json").output.contains(#""outcome": "undone""#))
  }

  @Test(
    "a time that is not a duration of 5 seconds to 24 hours is refused",
    arguments: ["90", "4s", "25h", "5m5h", "", "m"])
  func time(text: String) throws {
    let before = try folder.text("hv01.json")
    let result = try apply(within: text)
    #expect(result.status == 64)
    #expect(result.error.contains("--confirm-within"))
    #expect(try folder.text("hv01.json") == before)
  }
}
