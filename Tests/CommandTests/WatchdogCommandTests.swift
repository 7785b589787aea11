import Foundation
import TestSupport
import Testing

/// Tests faults of the processes and the host while an apply waits for confirmation.
@Suite("The watchdog of apply --confirm-within")
struct WatchdogCommandTests {
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

  private func expectUndone(
    within seconds: Double = 20, at location: Testing.SourceLocation = #_sourceLocation
  )
    throws
  {
    try expectSoon("its undo: \((try? run("show", "1").output) ?? "")", within: seconds, at: location) {
      try bindings(host) == start && run("history").output.contains("undone")
    }
    let process = try #require(watchdog(of: host), sourceLocation: location)
    expectSoon("the watchdog's end", at: location) { !isRunning(process) }
  }

  @Test("kills a stopped apply ten seconds after its time, and undoes it")
  func stopped() throws {
    try withFault(at: "bind/0000:02:00.0", "slow", seconds: 2, on: host) { () throws in
      let apply = try Beside(
        "apply", "manifests", "--yes", "--confirm-within", "5s", "--simulate", host)
      apply.await("4/6")
      apply.signal(SIGSTOP)
      let plan = try run("plan", "manifests")
      #expect(plan.error.contains(/apply 1 is being executed by process [0-9]+ \(stopped\), apply/))
      try expectUndone(within: 40)
      #expect(apply.end().status == SIGKILL)
    }
    #expect(
      try run("show", "1").output.contains(
        /not confirmed, not rolled back yet: process [0-9]+ \(stopped\), apply was stopped .* and was killed/)
    )
    #expect(try run("apply", "manifests", "--yes").status == 0)
  }

  @Test("names another holder of the lock, waits for it, and does not kill it")
  func otherHolder() throws {
    #expect(try run("apply", "manifests", "--yes", "--confirm-within", "10s").status == 0)
    let other = Process()
    other.executableURL = URL(filePath: "/usr/bin/flock")
    other.arguments = ["--no-fork", host + ".state/lock", "/usr/bin/sleep", "20"]
    try other.run()
    try expectSoon("its note", within: 30) {
      try run("show", "1").output.contains("\(other.processIdentifier)")
    }
    #expect(other.isRunning)
    let status = try run("status", "manifests")
    #expect(status.status == 6)
    #expect(status.error.names("\(other.processIdentifier)"))
    #expect(try run("confirm", "1").error.contains("[locked]"))
    other.waitUntilExit()
    #expect(other.terminationStatus == 0)
    try expectUndone()
  }

  @Test("is reported by every command if it is dead or stopped, with a command to type")
  func deadWatchdog() throws {
    #expect(try run("apply", "manifests", "--yes", "--confirm-within", "15s").status == 0)
    let process = try #require(watchdog(of: host))
    kill(process, SIGSTOP)
    expectSoon("its stop") { (try? run("devices").error.contains("kill -CONT \(process)")) ?? false }
    kill(process, SIGKILL)
    expectSoon("its end") { !isRunning(process) }
    for words in [
      ["plan", "manifests"], ["status", "manifests"], ["devices"], ["explain", "lan", "manifests"],
      ["history"],
      ["show", "1"], ["graph"], ["doctor"], ["snapshot"], ["import"], ["recover"], ["apply", "manifests"],
    ] {
      let error = try Pcipass.run(words + ["--simulate", host]).error
      #expect(
        error.contains(/apply 1 .* UTC.*\[unconfirmed\]/) && !error.contains(/process [0-9]/),
        "\(words): \(error)")
      #expect(error.names("pcipass confirm 1", "pcipass rollback 1"), "\(words)")
    }
    try expectSoon("the end of its time", within: 40) {
      try run("plan", "manifests", "--format", "json").output.contains(#""state": "overdue""#)
    }
    let late = try run("status", "manifests", "--format", "json")
    #expect(late.status == 6)
    #expect(late.output.contains(#""state": "overdue""#))
    #expect(try run("history", "--format", "json").output.contains(#""state": "overdue""#))
    #expect(try run("rollback", "1", "--yes").status == 0)
    #expect(try bindings(host) == start)
    #expect(try run("status", "manifests").error == "")
  }

  @Test("undoes the apply after the host is renamed")
  func renamed() throws {
    let text = try String(contentsOfFile: host, encoding: .utf8)
    try text.replacing(
      #""host": "hv01","#, with: #""host": "hv01", "machine": "0123456789abcdef0123456789abcdef","#,
      maxReplacements: 1
    ).write(toFile: host, atomically: true, encoding: .utf8)
    #expect(try run("apply", "manifests", "--yes", "--confirm-within", "5s").status == 0)
    try String(contentsOfFile: host, encoding: .utf8).replacing(
      #""host": "hv01""#, with: #""host": "dhcp-17""#, maxReplacements: 1
    ).write(toFile: host, atomically: true, encoding: .utf8)
    try expectUndone()
  }

  @Test(
    "undoes an apply only if it is not confirmed, in 200 races",
    arguments: 0..<4)
  func race(part: Int) throws {
    let hosts = try (0..<50).map { number in
      let copy = folder.path("race-\(number).json")
      try FileManager.default.copyItem(atPath: host, toPath: copy)
      return copy
    }
    var ends: [Date] = []
    for host in hosts {
      let result = try Pcipass.run(
        "apply", "manifests", "--yes", "--confirm-within", "5s", "--simulate", host)
      #expect(result.status == 0)
      let journal = try String(contentsOfFile: host + ".state/journal/1", encoding: .utf8)
      let ended = try #require(journal.split(separator: "\n").last?.firstMatch(of: /"at": ([0-9]+)/)?.1)
      ends.append(Date(timeIntervalSince1970: try #require(Double(ended)) / 1000 + 5))
    }
    var confirmed: Set<String> = []
    for (host, end) in zip(hosts, ends) {
      let moment = end + .random(in: -0.1...0.3)
      if moment > .now { Thread.sleep(until: moment) }
      let result = try Pcipass.run("confirm", "1", "--lock-timeout", "10", "--simulate", host)
      if result.status == 0 { confirmed.insert(host) }
    }
    for host in hosts {
      let process = try #require(watchdog(of: host))
      expectSoon("the watchdog's end") { !isRunning(process) }
      #expect(try (bindings(host) != start) == confirmed.contains(host), "\(host)")
    }
  }
}
