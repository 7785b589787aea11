import Foundation
import Testing

/// Kills the command, or lets its disk fail, at each of its writes. The state afterwards is always
/// known, and recovery is possible in both directions.
@Suite("pcipass after a crash or a disk error")
struct CrashTests {
  /// A kind of fault and the calls that it affects, as in Faults/faults.c.
  struct Fault: Sendable, CustomTestStringConvertible {
    var kind: String
    var calls: String
    /// Whether the fault affects only the state folder, and not the file of the simulated host.
    var isOfState = false

    var testDescription: String { "\(kind) at \(calls)" }
  }

  /// The library that injects the faults, built once.
  private static let library: String? = {
    let source = Pcipass.root.appending(path: "Tests/CommandTests/Faults/faults.c").path
    let path = FileManager.default.temporaryDirectory.appending(path: "pcipass-faults-\(getpid()).so").path
    let built = try? Pcipass.run(
      ["-Wall", "-Werror", "-O1", "-shared", "-fPIC", "-o", path, source],
      executable: URL(filePath: "/usr/bin/cc"))
    atexit {
      try? FileManager.default.removeItem(
        at: FileManager.default.temporaryDirectory.appending(path: "pcipass-faults-\(getpid()).so"))
    }
    return built?.status == 0 ? path : nil
  }()

  /// A simulated host with its state, from which each test makes copies.
  private struct Start: Sendable {
    let folder: TemporaryFolder
    let bindings: [String]

    init(_ prepare: (String) throws -> Void = { _ in }) throws {
      folder = try TemporaryFolder()
      let host = try folder.simulated("hv01")
      bindings = try CommandTests.bindings(host)
      try prepare(host)
    }

    /// Returns a copy of the host in a new folder.
    func copy() throws -> (folder: TemporaryFolder, host: String) {
      let copy = try TemporaryFolder()
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.url.path) {
        try FileManager.default.copyItem(
          at: folder.url.appending(path: name), to: copy.url.appending(path: name))
      }
      return (copy, copy.path("hv01.json"))
    }
  }

  private static func run(_ words: String..., on host: String) throws -> Pcipass.Result {
    try Pcipass.run(words + ["--simulate", host])
  }

  /// Runs the command with the fault at the first, second, … call until it succeeds.
  private func forEachCall(
    _ words: [String], from start: Start, _ fault: Fault, by step: Int = 1,
    _ check: (String, Pcipass.Result, String, Int) throws -> Void
  ) throws {
    let library = try #require(Self.library)
    for number in stride(from: 1, to: 500, by: step) {
      let (folder, host) = try start.copy()
      let result = try Pcipass.run(
        words + ["--simulate", host],
        environment: [
          "LD_PRELOAD": library, "FAULT_BELOW": host + (fault.isOfState ? ".state" : ""),
          "FAULT_CALLS": fault.calls,
          "FAULT_AT": "\(number)", "FAULT_KIND": fault.kind,
        ])
      if result.status == 0 {
        #expect(number > 5, "it was never hit")
        return
      }
      let isKilled = fault.kind == "kill" || fault.kind == "torn"
      #expect(
        isKilled ? result.status == SIGKILL : [1, 4, 5].contains(result.status),
        "\(result.status): \(result.output)\(result.error)")
      try withExtendedLifetime(folder) {
        try check(host, result, "\(fault.testDescription) \(number)", number)
      }
    }
    Issue.record("no end")
  }

  /// Checks the state after the fault, and recovers from it.
  private func settle(
    _ host: String, _ number: Int, forward: Bool, from: [String], to: [String], _ what: String,
    at location: Testing.SourceLocation = #_sourceLocation
  ) throws {
    func expect(_ isTrue: Bool, _ words: String, _ result: Pcipass.Result? = nil) {
      #expect(
        isTrue, "\(what): \(words)\n\(result.map { "\($0.status)\n\($0.output)\n\($0.error)" } ?? "")",
        sourceLocation: location)
    }
    let plan = try Self.run("plan", "manifests", on: host)
    expect(plan.status == 0, "plan", plan)
    let found = try bindings(host)
    guard plan.error.contains("[interrupted]") else {
      expect(found == from || found == to, "nothing is open, and it is in between")
      return
    }
    // Each check is a process, so only every fourth fault gets all checks.
    if number % 4 == 0 {
      let history = try Self.run("history", "--format", "json", on: host)
      expect(history.status == 0 && (try? runs(history.output)) != nil, "history", history)
      let id = try #require(try runs(history.output).first?["id"] as? Int)
      let shown = try Self.run("show", "\(id)", on: host)
      expect(shown.status == 0 && shown.output.contains("interrupted"), "show", shown)
      let refused = try Self.run("apply", "manifests", "--yes", on: host)
      expect(refused.status == 5 && refused.error.contains("[interrupted]"), "apply goes on", refused)
      expect(try bindings(host) == found, "apply has changed something")
    }
    let recovered = try Self.run("recover", forward ? "--forward" : "--back", "--yes", on: host)
    expect(recovered.status == 0, "recover", recovered)
    expect(try bindings(host) == (forward ? to : from), "another end", recovered)
    if number % 4 == 0 {
      let again = try Self.run("recover", on: host)
      expect(again.status == 0, "recover again", again)
    }
  }

  private func runs(_ text: String) throws -> [[String: Any]] {
    let document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    return try #require(document?["runs"] as? [[String: Any]])
  }

  private static let applied = Result {
    try Start { host in
      let result = try run("apply", "manifests", "--yes", on: host)
      #expect(result.status == 0)
    }
  }

  private func applied() throws -> (start: Start, bindings: [String]) {
    let start = try Self.applied.get()
    return (start, try bindings(start.folder.path("hv01.json")))
  }

  @Test(
    "apply can be recovered after a crash at any of its writes",
    arguments: [Fault(kind: "kill", calls: "wso"), Fault(kind: "torn", calls: "w", isOfState: true)])
  func apply(fault: Fault) throws {
    let start = try Start()
    let end = try applied().bindings
    try forEachCall(["apply", "manifests", "--yes"], from: start, fault) { host, _, what, number in
      try settle(host, number, forward: number % 2 == 0, from: start.bindings, to: end, what)
    }
  }

  @Test(
    "apply is undone or completed if the disk fails, and reports the error",
    arguments: ["full", "broken"])
  func disk(kind: String) throws {
    let start = try Start()
    let end = try applied().bindings
    let fault = Fault(kind: kind, calls: "wso", isOfState: true)
    try forEachCall(["apply", "manifests", "--yes"], from: start, fault) { host, result, what, number in
      let words = kind == "full" ? "No space left on device" : "Input/output error"
      #expect((result.output + result.error).contains(words), "\(what)\n\(result.output)\(result.error)")
      let isDone = result.output.contains("6 of 6 steps verified")
      #expect(
        try bindings(host) == (isDone ? end : start.bindings), "\(what)\n\(result.output)\(result.error)")
      #expect(!isDone || result.error.contains("recover --forward"), "\(what)\n\(result.error)")
      try settle(host, number, forward: number % 2 == 0, from: start.bindings, to: end, what)
    }
  }

  @Test("rollback can be recovered after a crash at any of its writes")
  func rollback() throws {
    let (applied, end) = try applied()
    try forEachCall(["rollback", "--yes"], from: applied, Fault(kind: "kill", calls: "w")) {
      host, _, what, number in
      try settle(host, number, forward: number % 2 == 0, from: end, to: applied.bindings, what)
    }
  }

  @Test(
    "recover can be repeated after a crash at any of its writes",
    arguments: ["--back", "--forward"])
  func recover(direction: String) throws {
    let end = try applied().bindings
    let start = try Start { host in
      try withFault(at: "attach/winxp/lan/live", "killed", writes: 1, on: host) {
        let result = try Self.run("apply", "manifests", "--yes", on: host)
        #expect(result.status == SIGKILL)
      }
    }
    let fault = Fault(kind: direction == "--back" ? "kill" : "torn", calls: "w", isOfState: true)
    try forEachCall(["recover", direction, "--yes"], from: start, fault) { host, _, what, number in
      try settle(host, number, forward: number % 3 == 0, from: start.bindings, to: end, what)
    }
  }

  @Test("apply can be recovered if it is killed before, during or after any write to the host")
  func killed() throws {
    let end = try applied().bindings
    let steps = [
      "load/vfio-pci", "bind/0000:03:00.0", "attach/winxp/lan/persistent", "attach/winxp/lan/live",
      "bind/0000:02:00.0",
      "attach/web/outside/persistent",
    ]
    for (index, step) in steps.enumerated() {
      for writes in 0...(step.hasPrefix("bind") ? 3 : 1) {
        let folder = try TemporaryFolder()
        let host = try folder.simulated("hv01")
        let start = try bindings(host)
        try withFault(at: step, "killed", writes: writes, on: host) {
          let result = try Self.run("apply", "manifests", "--yes", on: host)
          #expect(result.status == SIGKILL)
        }
        try settle(
          host, index + writes, forward: (index + writes) % 2 == 0, from: start, to: end,
          "\(step), \(writes) writes")
      }
    }
  }
}
