import Documents
import Foundation
import TestSupport
import Testing

@Suite("apply, rollback, recover and confirm with --format json")
struct RunJSONTests {
  private let folder: TemporaryFolder
  private let host: String

  init() throws {
    folder = try TemporaryFolder()
    host = try folder.simulated("hv01")
  }

  private func run(_ words: String...) throws -> CommandTests.Pcipass.Result {
    try CommandTests.Pcipass.run(words + ["--format", "json", "--simulate", host])
  }

  /// Returns the one document that the command printed.
  private func document(_ result: CommandTests.Pcipass.Result) throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(object as? [String: Any])
  }

  private func outcomes(_ document: [String: Any]) -> [String] {
    (document["steps"] as? [[String: Any]] ?? []).compactMap { $0["outcome"] as? String }
  }

  @Test("print one document with number, step outcomes, functions, and whether the host changed")
  func apply() throws {
    let apply = try document(try run("apply", "manifests", "--yes"))
    #expect(apply["kind"] as? String == "Run" && apply["id"] as? Int == 1)
    #expect(apply["outcome"] as? String == "done" && apply["changed"] as? Bool == true)
    #expect(outcomes(apply) == Array(repeating: "done", count: 6))
    let functions = try #require(apply["functions"] as? [[String: Any]])
    #expect(functions.map { $0["driver"] as? String } == ["vfio-pci", "vfio-pci"])
    let again = try document(try run("apply", "manifests", "--yes"))
    #expect(again["outcome"] as? String == "nothing-to-do" && again["changed"] as? Bool == false)
    #expect(again["id"] == nil)
    let rollback = try document(try run("rollback", "--yes"))
    #expect(rollback["task"] as? String == "rollback")
    #expect((rollback["undoes"] as? [String: Any])?["run"] as? Int == 1)
  }

  @Test("distinguish a failed run that was undone from an error")
  func failures() throws {
    let failed = try withFault(at: "attach/web/outside/persistent", "busy", on: host) {
      try document(try run("apply", "manifests", "--yes"))
    }
    #expect(failed["outcome"] as? String == "undone" && failed["changed"] as? Bool == false)
    #expect(outcomes(failed).last == "undone" || outcomes(failed).last == "failed")
    let steps = try #require(failed["steps"] as? [[String: Any]])
    #expect(
      steps.contains {
        ($0["failure"] as? [String: Any])?["code"] as? String == "unverified"
          || ($0["failure"] as? [String: Any])?["kind"] as? String == "refused"
      })
    let error = try run("apply", folder.path("missing.yaml"), "--yes")
    let failure = try document(error)
    #expect(failure["kind"] as? String == "Failure" && failure["exitStatus"] as? Int == 1)
    #expect((failure["diagnostics"] as? [[String: Any]])?.first?["code"] as? String == "unreadable")
  }

  @Test("report the errors of manifests with their positions, as other commands do")
  func manifestErrors() throws {
    let path = try folder.write("kind: Host\n", to: "bad.yaml")
    for command in ["apply", "plan", "status", "explain", "devices", "doctor"] {
      let words = command == "explain" ? [command, "lan", path] : [command, path]
      let all = words + (command == "apply" ? ["--yes"] : []) + ["--format", "json", "--simulate", host]
      let failure = try document(try CommandTests.Pcipass.run(all))
      let diagnostics = try #require(failure["diagnostics"] as? [[String: Any]])
      #expect(failure["kind"] as? String == "Failure", "\(command)")
      #expect(diagnostics.allSatisfy { $0["file"] as? String == path && $0["line"] as? Int == 1 })
    }
  }

  @Test("state whether the run waits for confirmation, and until when")
  func confirmation() throws {
    func state(_ document: [String: Any]) -> String? {
      (document["confirmation"] as? [String: Any])?["state"] as? String
    }
    let apply = try document(try run("apply", "manifests", "--yes", "--confirm-within", "1h"))
    #expect(state(apply) == "waiting")
    let until = (apply["confirmation"] as? [String: Any])?["until"] as? String
    #expect(until?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    #expect(state(try document(try run("confirm"))) == "confirmed")
    let runs = try document(try run("history"))["runs"] as? [[String: Any]]
    #expect(runs?.compactMap(state) == ["confirmed"])
  }

  @Test("void the confirmation of an apply that is rolled back, as history shows")
  func rolledBack() throws {
    #expect(try run("apply", "manifests", "--yes", "--confirm-within", "1h").status == 0)
    #expect(try run("rollback", "--yes").status == 0)
    let runs = try #require(try document(try run("history"))["runs"] as? [[String: Any]])
    #expect(runs.map { $0["id"] as? Int } == [2, 1])
    #expect(runs[1]["rolledBackBy"] as? Int == 2)
    #expect((runs[1]["confirmation"] as? [String: Any])?["state"] as? String == "void")
    let text = try CommandTests.Pcipass.run("history", "--simulate", host).output
    #expect(text.split(separator: "\n").dropFirst().map { $0.prefix(1) } == ["2", "1"])
  }

  @Test("require --yes, because they ask no question")
  func noQuestion() throws {
    for command in ["apply manifests", "rollback", "recover"] {
      let words = command.split(separator: " ").map(String.init) + ["--format", "json", "--simulate", host]
      #expect(try CommandTests.Pcipass.run(words).status == 64)
    }
  }
}
