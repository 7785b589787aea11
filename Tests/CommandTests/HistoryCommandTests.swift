import Foundation
import TestSupport
import Testing

@Suite("pcipass history, show, rollback and recover")
struct HistoryCommandTests {
  private let folder: TemporaryFolder
  private let host: String
  private let start: [String]

  init() throws {
    folder = try TemporaryFolder()
    host = try folder.simulated("hv01")
    start = try bindings(host)
  }

  @discardableResult
  private func run(_ words: String...) throws -> Pcipass.Result {
    try Pcipass.run(words + ["--simulate", host])
  }

  private func withoutTimes(_ text: String) -> String {
    text.replacing(/[0-9]+ ms/, with: "N ms").replacing(
      /[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC/, with: "MOMENT UTC")
  }

  private func recovered(_ direction: String) throws {
    try withFault(at: "attach/winxp/lan/live", "killed", writes: 1, on: host) { () throws in
      #expect(try run("apply", "manifests", "--yes").status == SIGKILL)
    }
    #expect(try run("recover", direction, "--yes").status == 0)
  }

  /// Makes a run with each outcome.
  private func everything() throws {
    try withFault(at: "attach/winxp/lan/live", "busy", on: host) { () throws in
      #expect(try run("apply", "manifests", "--yes").status == 4)
    }
    try withFault(at: "bind/0000:02:00.0", "hang", on: host) { () throws in
      #expect(try run("apply", "manifests", "--yes").status == 5)
    }
    #expect(try run("recover", "--yes").status == 0)
    try recovered("--back")
    try recovered("--forward")
    #expect(try run("rollback", "--yes", "--target", "nic/lan").status == 0)
    #expect(try run("rollback", "4", "--yes").status == 0)
    #expect(try run("rollback", "6", "--yes").status == 0)
    #expect(try run("rollback", "7", "--yes").status == 0)
    try withFault(at: "attach/winxp/lan/live", "refused", on: host) { () throws in
      #expect(try run("apply", "manifests", "--yes", "--on-failure", "stop").status == 5)
    }
    try withFault(at: "attach/web/outside/persistent", "killed", on: host) { () throws in
      #expect(try run("apply", "manifests", "--yes").status == SIGKILL)
    }
  }

  @Test("the commands report that there are no runs yet")
  func none() throws {
    let history = try run("history")
    #expect(history.output.split(separator: "\n").count == 1)
    #expect(history.status == 0)
    #expect(try run("history", "--format", "json").output.contains("\"runs\": []"))
    for words in [["show", "1"], ["rollback", "1", "--yes"]] {
      let result = try Pcipass.run(words + ["--simulate", host])
      #expect(result.status == 1)
      #expect(result.error.contains("[no-journal]") && result.error.names("1", "pcipass history"))
    }
    #expect(try run("rollback", "--yes").error.contains("[nothing-to-roll-back]"))
    #expect(try run("recover").status == 0)
    // Commands that only read do not create the journal folder.
    #expect(!FileManager.default.fileExists(atPath: host + ".state/journal"))
  }

  @Test("history lists the runs, the last one first, and show prints the details of each")
  func table() throws {
    try everything()
    try expectGolden(withoutTimes(try run("history").output), "history.txt")
    var all = ""
    for id in 1...9 { all += withoutTimes(try run("show", "\(id)").output) + "\n" }
    try expectGolden(all, "show.txt")
  }

  @Test("history and show print JSON with stable keys")
  func json() throws {
    try everything()
    let output = try run("history", "--format", "json").output
    let document = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    #expect(document["apiVersion"] as? String == "pcipass/v1")
    #expect(document["kind"] as? String == "History")
    let runs = try #require(document["runs"] as? [[String: Any]])
    let keys: Set = [
      "id", "host", "task", "started", "by", "version", "outcome", "changed", "stepCount", "inEffect",
    ]
    for run in runs {
      let others: Set = ["finished", "undoes", "recovery", "rolledBackBy", "confirmation", "revision"]
      #expect(keys == Set(run.keys).subtracting(others))
    }
    #expect(runs.compactMap { $0["id"] as? Int } == Array(1...10).reversed())
    #expect(
      runs.reversed().map { $0["outcome"] as? String }
        == [
          "undone", "undone", "undone", "done", "done", "done", "done", "done", "left", "interrupted",
        ])
    let undone = try #require(runs[5]["undoes"] as? [String: Any])
    #expect(undone["run"] as? Int == 4 && undone["targets"] as? [String] == ["nic/lan"])
    for id in 1...10 {
      let output = try run("show", "\(id)", "--format", "json").output
      let journal = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
      #expect(journal["kind"] as? String == "Run" && journal["id"] as? Int == id)
      let steps = try #require(journal["steps"] as? [[String: Any]])
      #expect(steps.count == journal["stepCount"] as? Int)
      #expect(steps.allSatisfy { $0["outcome"] is String && $0["description"] is String })
    }
  }

  // MARK: Rollback

  @Test("rollback without a number undoes the last run in effect, then the one before")
  func lastFirst() throws {
    #expect(try run("apply", "manifests", "--yes", "--target", "nic/lan").status == 0)
    let first = try bindings(host)
    #expect(try run("apply", "manifests", "--yes").status == 0)
    #expect(try run("rollback", "--yes").output.contains("rollback 3"))
    #expect(try bindings(host) == first)
    #expect(try run("rollback", "--yes").output.contains("rollback 4"))
    #expect(try bindings(host) == start)
    #expect(try run("rollback", "--yes").error.contains("[nothing-to-roll-back]"))
  }

  @Test("rollback skips an apply that was undone, even if it has loaded a module")
  func undone() throws {
    #expect(try run("apply", "manifests", "--yes", "--target", "nic/lan").status == 0)
    try folder.write(
      try folder.text("hv01.json").replacing(/\n\ *"vfio-pci",?(?=\n)/, with: ""), to: "hv01.json")
    try withFault(at: "bind/0000:02:00.0", "busy", on: host) { () throws in
      #expect(try run("apply", "manifests", "--yes").status == 4)
    }
    #expect(try run("rollback", "--yes").status == 0)
    #expect(try bindings(host) == start)
  }

  @Test("a second rollback of a run has nothing to do and succeeds")
  func twice() throws {
    try run("apply", "manifests", "--yes")
    try run("rollback", "1", "--yes")
    let again = try run("rollback", "1", "--yes")
    #expect(again.status == 0)
    #expect(again.output.names("hv01"))
    #expect(try run("history").output.split(separator: "\n").count == 3)
  }

  @Test("a rollback can be rolled back like an apply")
  func redo() throws {
    try run("apply", "manifests", "--yes")
    let applied = try bindings(host)
    try run("rollback", "--yes")
    #expect(try run("rollback", "2", "--yes").status == 0)
    #expect(try bindings(host) == applied)
    // The apply is then the last run in effect again.
    #expect(try run("rollback", "--yes").output.names("0000:03:00.0", "vfio-pci → igb"))
    #expect(try bindings(host) == start)
    #expect(try run("history").output.contains(/\n1 .* 4\n/))
  }

  @Test("rollback reports each step that a later change blocks, and how to undo the rest")
  func changed() throws {
    try run("apply", "manifests", "--yes")
    let text = try folder.text("hv01.json")
    let changed = text.replacing(/(?s)("address": "0000:02:00.0".*?"driver": )"vfio-pci"/, maxReplacements: 1)
    {
      "\($0.output.1)\"uio_pci_generic\""
    }
    #expect(changed != text)
    try folder.write(changed, to: "hv01.json")
    let before = try bindings(host)
    let refused = try run("rollback", "--yes")
    #expect(refused.status == 3)
    try expectGolden(refused.output + refused.error, "rollback-refused.txt")
    #expect(try bindings(host) == before)
    #expect(try run("rollback", "--yes", "--target", "nic/lan").status == 0)
    #expect(try run("rollback", "--yes", "--target", "nic/dmz").status == 3)
    let unknown = try run("rollback", "1", "--yes", "--target", "nic/nonsense")
    #expect(unknown.status == 1)
    #expect(unknown.error.contains("[no-target]"))
    #expect(unknown.error.names("1", "nic/nonsense", "nic/dmz", "nic/lan", "guest/web", "guest/winxp"))
    // This rollback is not refused, so its output does not mention targets.
    #expect(try !run("rollback", "2").error.contains("--target"))
  }

  // MARK: Recover

  @Test("commands report an interrupted run until recover has settled it")
  func open() throws {
    try withFault(at: "attach/winxp/lan/live", "killed", writes: 1, on: host) { () throws in
      #expect(try run("apply", "manifests", "--yes").status == SIGKILL)
    }
    try expectGolden(withoutTimes(try run("apply", "manifests", "--yes").error), "interrupted.txt")
    #expect(try run("rollback", "--yes").error.contains("error: apply 1 of"))
    #expect(try run("plan", "manifests").error.contains("warning: apply 1 of"))
    let found = try bindings(host)
    let silent = try run("recover")
    #expect(silent.status == 1)
    #expect(silent.error.contains("[no-terminal]"))
    #expect(try run("recover", "--back", "--forward").status == 64)
    for (words, count) in [([], "3"), (["--forward"], "2"), (["--leave"], "")] {
      let asked = try Pcipass.runOnTerminal(
        "recover", arguments: words + ["--simulate", host], input: "no\n")
      let question = try #require(
        asked.output.split(separator: "\n").last { $0.contains("hv01") && $0.contains("?") })
      #expect(count.isEmpty || String(question).names(count), "\(asked.output)")
      #expect(asked.status == 1)
    }
    #expect(try bindings(host) == found)
    #expect(try run("plan", "manifests").error.contains("[interrupted]"))
    let left = try Pcipass.runOnTerminal(
      "recover", arguments: ["--leave", "--simulate", host], input: "yes\n")
    #expect(left.status == 0)
    #expect(left.output.names("1", "hv01"))
    #expect(try bindings(host) == found)
    // A run that was left can still be rolled back.
    #expect(try run("rollback", "--yes").status == 0)
    #expect(try bindings(host) == start)
  }

  @Test("recover on a terminal goes back or forward")
  func onTerminal() throws {
    for (words, isBack) in [([], true), (["--forward"], false)] {
      try withFault(at: "attach/winxp/lan/live", "killed", writes: 1, on: host) { () throws in
        #expect(try run("apply", "manifests", "--yes").status == SIGKILL)
      }
      let recovered = try Pcipass.runOnTerminal(
        "recover", arguments: words + ["--simulate", host], input: "yes\n")
      #expect(recovered.status == 0, "\(recovered.output)")
      #expect(try (bindings(host) == start) == isBack)
    }
    #expect(try run("plan", "manifests", "--detailed-exitcode").status == 0)
  }

  // MARK: The state folder

  @Test("apply refuses an invalid state folder before it changes anything")
  func stateFolder() throws {
    try folder.write("", to: "file")
    try FileManager.default.createDirectory(atPath: folder.path("real"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("link"), withDestinationPath: folder.path("real"))
    try FileManager.default.createDirectory(
      atPath: folder.path("open"), withIntermediateDirectories: false, attributes: [.posixPermissions: 0o777])
    chmod(folder.path("open"), 0o777)
    for (name, value) in [
      ("file", ""), ("link", ""), ("open", "chmod go-w \(folder.path("open"))"),
      ("none/none", "No such file or directory"),
    ] {
      let path = folder.path(name)
      let result = try run("apply", "manifests", "--yes", "--state-dir", path)
      #expect(result.status == 1)
      let problem = /error: (?<text>.*) \[state-folder\]\n/
      let text = try String(#require(result.error.wholeMatch(of: problem)).text)
      #expect(text.contains(path) && (value.isEmpty || text.contains(value)), "\(result.error)")
      // A plan does not need the state folder, so plan at most warns.
      let plan = try run("plan", "manifests", "--state-dir", path)
      #expect(plan.status == 0)
      #expect(
        name == "none/none" ? plan.error == "" : plan.error == "warning: \(text) [state-folder]\n")
    }
    #expect(try bindings(host) == start)
  }

  @Test("a damaged journal is reported, refuses changes and does not stop plan and history")
  func damaged() throws {
    try run("apply", "manifests", "--yes", "--target", "nic/lan")
    try run("apply", "manifests", "--yes")
    let path = host + ".state/journal/2"
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(filePath: path))
    chmod(path, 0o600)
    let history = try run("history")
    #expect(history.status == 0)
    #expect(history.output.contains("\n1  "))
    #expect(history.error.contains("warning: \(path)"))
    #expect(history.error.contains("[damaged-journal]"))
    #expect(try run("show", "1").status == 0)
    #expect(try run("show", "2").status == 1)
    let plan = try run("plan", "manifests")
    #expect(plan.status == 0)
    #expect(plan.error.contains("warning: \(path)"))
    for words in [
      ["apply", "manifests", "--yes"], ["rollback", "--yes"], ["recover", "--yes"], ["confirm"],
    ] {
      let refused = try Pcipass.run(words + ["--simulate", host])
      #expect(refused.status == 1)
      #expect(refused.error.contains("error: \(path)"), "\(words): \(refused.error)")
    }
    try FileManager.default.moveItem(atPath: path, toPath: folder.path("away"))
    #expect(try run("rollback", "--yes").status == 0)
  }
}
