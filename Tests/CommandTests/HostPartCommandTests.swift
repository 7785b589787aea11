import Foundation
import TestSupport
import Testing

@Suite("plan and apply with --part host")
struct HostPartCommandTests {
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

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// The kinds of the actions of a plan in JSON.
  private func kinds(_ plan: [String: Any]) -> Set<String> {
    Set((plan["steps"] as? [[String: Any]] ?? []).flatMap { ($0["action"] as? [String: Any] ?? [:]).keys })
  }

  private func codes(_ plan: [String: Any]) -> [String] {
    (plan["notices"] as? [[String: Any]] ?? []).compactMap { $0["code"] as? String }
  }

  @Test("change only the host; a second plan is empty, and a whole plan then has only the guests' steps")
  func halves() throws {
    let first = try run("plan", "manifests", "--part", "host", "--detailed-exitcode")
    #expect(first.status == 2)
    #expect(first.output.contains("[not-looked-at]") && !first.output.contains("hot-plug"))
    let applied = try run("apply", "manifests", "--part", "host", "--yes", "--detailed-exitcode")
    #expect(applied.status == 2, "\(applied.error)")
    let lists = try bindings(host).filter { $0.contains("\"persistent\"") || $0.contains("\"live\"") }
    #expect(lists == start.filter { $0.contains("\"persistent\"") || $0.contains("\"live\"") })
    let second = try run("plan", "manifests", "--part", "host", "--detailed-exitcode")
    #expect(second.status == 0)
    #expect(second.output.hasSuffix("hv01: No changes to the host's half.\n"))
    #expect(second.output.contains("[not-looked-at]"))
    let again = try run("apply", "manifests", "--part", "host", "--yes", "--detailed-exitcode")
    #expect(again.status == 0 && again.output.contains("No changes to the host's half."))
    let rest = try json(try run("plan", "manifests", "--format", "json").output)
    #expect(kinds(rest) == ["attach"])
    #expect(try run("apply", "manifests", "--yes").status == 0)
    #expect(try run("plan", "manifests", "--detailed-exitcode").output.contains("No changes.\n"))
  }

  @Test("list each claim in text, Markdown and JSON, also if nothing changes")
  func formats() throws {
    for _ in 0..<2 {
      let plan = try json(try run("plan", "manifests", "--part", "host", "--format", "json").output)
      #expect(codes(plan).filter { $0 == "not-looked-at" }.count == 2)
      #expect((plan["request"] as? [String: Any])?["part"] as? String == "host")
      let markdown = try run("plan", "manifests", "--part", "host", "--format", "markdown").output
      #expect(markdown.components(separatedBy: "`not-looked-at`").count == 3)
      #expect(!markdown.contains("in sync"))
      let text = try run("plan", "manifests", "--part", "host").output
      #expect(text.components(separatedBy: "[not-looked-at]").count == 3)
      _ = try run("apply", "manifests", "--part", "host", "--yes")
    }
  }

  @Test("saved as a plan keep the part")
  func saved() throws {
    let file = folder.path("host.plan")
    #expect(try run("plan", "manifests", "--part", "host", "--out", file).status == 0)
    #expect(try run("apply", file, "--part", "host", "--yes").status == 64)
    let applied = try run("apply", file, "--yes")
    #expect(applied.status == 0, "\(applied.error)")
    let record = try json(try run("show", "1", "--format", "json").output)
    #expect("\(record)".contains("attach") == false)
    #expect(try run("apply", file, "--yes").error.contains("[stale]"))
    #expect(try run("rollback", file, "--yes").status == 0)
    #expect(try bindings(host) == start)
  }

  @Test("are rolled back, confirmed, and recovered after a crash")
  func undone() throws {
    #expect(try run("apply", "manifests", "--part", "host", "--yes").status == 0)
    #expect(try run("rollback", "--yes").status == 0)
    #expect(try bindings(host) == start)
    let waiting = try run("apply", "manifests", "--part", "host", "--yes", "--confirm-within", "1h")
    #expect(waiting.status == 0)
    #expect(try run("confirm").status == 0)
    #expect(try run("rollback", "--yes").status == 0)
    for direction in ["--back", "--forward"] {
      _ = try withFault(at: "bind/0000:03:00.0", "killed", on: host) {
        try run("apply", "manifests", "--part", "host", "--yes")
      }
      let recovered = try run("recover", direction, "--yes")
      #expect(recovered.status == 0, "\(recovered.error)")
      #expect(!recovered.output.contains("definition"))
    }
    let left = try run("plan", "manifests", "--part", "host", "--detailed-exitcode")
    #expect(left.status == 0)
  }

  @Test("do not replace what the last whole apply recorded, and explain shows guests")
  func recorded() throws {
    #expect(try run("apply", "manifests", "--target", "guest/winxp", "--yes").status == 0)
    #expect(try run("apply", "manifests", "--part", "host", "--yes").status == 0)
    let explained = try run("explain", "winxp")
    #expect(explained.status == 0 && explained.output.contains("winxp"))
    #expect(!explained.output.contains("not looked at"))
  }

  @Test("from a snapshot do not depend on the guests in it, and a fleet is planned")
  func snapshots() throws {
    let folder = Pcipass.root.appending(path: "manifests/captures").path
    let one = try Pcipass.run(
      "plan", "manifests", "--part", "host", "--state", "\(folder)/hv01.json", "--format", "json")
    #expect(one.status == 0)
    #expect(one.output == (try run("plan", "manifests", "--part", "host", "--format", "json").output))
    let fleet = try Pcipass.run("plan", "manifests", "--part", "host", "--state", folder)
    #expect(fleet.status == 0, "\(fleet.error)")
    #expect(fleet.output.contains("3 hosts: "))
  }

  @Test("name the host's half in the list of a fleet without changes")
  func unchangedFleet() throws {
    let snapshots = folder.path("snapshots")
    try FileManager.default.createDirectory(atPath: snapshots, withIntermediateDirectories: false)
    for name in ["hv01", "hv02", "hv03"] {
      try FileManager.default.copyItem(
        atPath: Pcipass.root.appending(path: "manifests/captures/\(name).json").path,
        toPath: "\(snapshots)/\(name).json")
      let applied = try Pcipass.run(
        "apply", "manifests", "--part", "host", "--yes", "--simulate", "\(snapshots)/\(name).json")
      #expect(applied.status == 0, "\(applied.error)")
    }
    let fleet = try Pcipass.run("plan", "manifests", "--part", "host", "--state", snapshots)
    #expect(fleet.output.components(separatedBy: "no changes to the host's half").count == 4)
    let markdown = try Pcipass.run(
      "plan", "manifests", "--part", "host", "--state", snapshots, "--format", "markdown")
    #expect(
      markdown.output.contains("No changes to the host's half.") && !markdown.output.contains("in sync"))
  }

  @Test(
    "are wrong with options about guests",
    arguments: [
      ["plan", "--prune"], ["plan", "--reassign"], ["plan", "--target", "guest/web"], ["apply", "--prune"],
      ["apply", "--prune=1"], ["apply", "--reassign"],
      ["apply", "--target", "nic/lan", "--target", "guest/web"],
      ["drain", "lan"],
    ])
  func usage(words: [String]) throws {
    let result = try Pcipass.run(words + ["manifests", "--part", "host", "--simulate", host])
    #expect(result.status == 64)
    #expect(result.error.contains("--part host"))
    #expect(try bindings(host) == start)
  }

  @Test("take --target nic/NAME, and no other part")
  func targets() throws {
    let plan = try json(
      try run("plan", "manifests", "--part", "host", "--target", "nic/lan", "--format", "json").output)
    #expect(codes(plan) == ["not-looked-at"])
    #expect(try run("plan", "manifests", "--part", "guests").status == 64)
    let whole = try run("plan", "manifests", "--part", "everything")
    #expect(whole.output == (try run("plan", "manifests").output))
  }
}
