import Foundation
import Testing

@Suite("--jobs")
struct JobsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func withoutTimes(_ text: String) -> String { text.replacing(/[0-9.]+ m?s\b/, with: "N ms") }

  /// Applies and rolls back on a new host. Returns the output of the apply, and the drivers and
  /// guests after each run. The output of the rollback is left out, because it undoes the steps in
  /// reverse order of their ends.
  private func thereAndBack(_ options: [String], slow: Bool = false) throws -> [String] {
    let host = try folder.simulated("hv01")
    func run(_ words: String...) throws -> [String] {
      let result = try Pcipass.run(words + ["--yes", "--simulate", host] + options)
      #expect(result.status == 0, "\(result.error)")
      return (words == ["rollback"] ? [] : [withoutTimes(result.output)]) + (try bindings(host))
    }
    // The fault lets the first of the concurrent steps end last.
    let fault = slow ? "bind/0000:03:00.0" : "none"
    let there = try withFault(at: fault, "slow", seconds: 1, on: host) { () throws in
      try run("apply", "manifests")
    }
    let back = try run("rollback")
    try FileManager.default.removeItem(atPath: host)
    try FileManager.default.removeItem(atPath: host + ".state")
    return there + back
  }

  @Test("has the same output and result as serial steps, whichever step ends first")
  func same() throws {
    let serial = try thereAndBack([])
    #expect(try thereAndBack(["--jobs", "8"]) == serial)
    #expect(try thereAndBack(["--jobs", "8"], slow: true) == serial)
    #expect(try thereAndBack(["--jobs", "8", "--verbose"]).contains { $0.contains("started") })
  }

  @Test("is a number from 1 to 64", arguments: ["0", "65", "many"])
  func range(jobs: String) throws {
    let host = try folder.simulated("hv01")
    for command in [["apply", "manifests"], ["rollback"], ["recover"]] {
      #expect(try Pcipass.run(command + ["--jobs", jobs, "--simulate", host]).status == 64)
    }
  }
}
