import Foundation
import Testing

@Suite("Progress")
struct ProgressTests {
  private let folder: TemporaryFolder
  private let host: String
  private let start: [String]

  init() throws {
    folder = try TemporaryFolder()
    host = try folder.simulated("hv01")
    start = try bindings(host)
  }

  /// Returns the successive texts of the last row of the terminal.
  private func rows(_ output: String) -> [String] {
    output.split(separator: "\r\u{1B}[K", omittingEmptySubsequences: false).map {
      String($0).replacing("\r", with: "")
    }
  }

  @Test("shows the seconds of a running step on a terminal, then its result in the same row")
  func onTerminal() throws {
    let output = try withFault(at: "bind/0000:02:00.0", "slow", seconds: 4, on: host) { () throws in
      try Pcipass.runOnTerminal(
        "apply", "manifests", "--yes", "--simulate", host, input: "", environment: ["NO_COLOR": "1"]
      ).output
    }
    let running = rows(output).filter { $0.hasPrefix("  5/6  bind 0000:02:00.0: igb → vfio-pci: ") }
    let ends = running.map { $0.split(separator: "vfio-pci: ").last ?? "" }
    #expect(ends.first == "…")
    #expect(ends.contains { $0.wholeMatch(of: /[12] s/) != nil })
    #expect(ends.contains { $0.wholeMatch(of: /[34] s; .* 60 s.*/) != nil })
    #expect(running.last?.contains(/5\/6 .*0000:02:00.0: igb → vfio-pci: .* 4\./) == true)
    // Each text replaces the previous one in the same row.
    #expect(running.dropLast().allSatisfy { !$0.contains("\n") })
    #expect(output.contains("6 of 6"))
  }

  @Test("fits into the width of the terminal", arguments: [10, 40])
  func narrow(columns: Int) throws {
    let output = try withFault(at: "bind/0000:02:00.0", "slow", seconds: 2, on: host) { () throws in
      try Pcipass.runOnTerminal(
        "apply", "manifests", "--yes", "--simulate", host, input: "",
        environment: ["NO_COLOR": "1", "COLUMNS": "\(columns)"]
      ).output
    }
    let drawn = rows(output).dropFirst().filter { !$0.contains("\n") }
    #expect(drawn.count > 5)
    for row in drawn { #expect(row.count < columns, "\(row)") }
  }

  @Test("has plain lines without control characters in a file and on a dumb terminal")
  func plain() throws {
    let outputs = try withFault(at: "bind/0000:02:00.0", "slow", seconds: 2, on: host) { () throws in
      [
        try Pcipass.run("apply", "manifests", "--yes", "--simulate", host).output,
        try Pcipass.run("rollback", "--yes", "--simulate", host).output,
        try Pcipass.runOnTerminal(
          "apply", "manifests", "--yes", "--simulate", host, input: "", environment: ["TERM": "dumb"]
        ).output.replacing("\r\n", with: "\n"),
      ]
    }
    for output in outputs {
      #expect(!output.contains { $0 == "\r" || $0 == "\u{1B}" })
      #expect(output.contains(" complete: "))
    }
  }

  @Test("ends with the undo of all steps if the terminal is lost")
  func lostTerminal() throws {
    try withFault(at: "bind/0000:02:00.0", "slow", seconds: 3, on: host) { () throws in
      let apply = try Beside("apply", "manifests", "--yes", "--simulate", host, onTerminal: true)
      apply.await("5/6")
      // The signal kills script(1), which is the terminal.
      apply.signal(SIGKILL)
      expectSoon("the end of the apply") {
        (try? Pcipass.run("history", "--simulate", host).output.contains("undone")) ?? false
      }
    }
    #expect(try bindings(host) == start)
  }

  @Test("shows the wait for another pcipass")
  func waiting() throws {
    try withFault(at: "bind/0000:02:00.0", "slow", seconds: 4, on: host) { () throws in
      let first = try Beside("apply", "manifests", "--yes", "--simulate", host)
      first.await("4/6")
      let second = try Beside(
        "rollback", "--yes", "--simulate", host, "--lock-timeout", "30", onTerminal: true)
      second.await(": 1 s")
      #expect(first.end().status == 0)
      #expect(second.end().status == 0)
    }
  }
}
