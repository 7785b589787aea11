import Foundation
import TestSupport
import Testing

@Suite("An apply that exchanges the MAC addresses of two VFs")
struct ExchangedMACTests {
  private let folder: TemporaryFolder
  private let host: String
  private let before: NSArray

  /// How the guest claims its VFs.
  enum Claims: CaseIterable { case ofPool, ofNIC }

  private init(_ claims: Claims) throws {
    folder = try TemporaryFolder()
    host = try folder.simulated("hv02")
    try folder.write(Self.manifest(claims, "00:01", "00:02"), to: "before.yaml")
    try folder.write(Self.manifest(claims, "00:02", "00:01"), to: "after.yaml")
    #expect(
      try Pcipass.run("apply", folder.path("before.yaml"), "--yes", "--simulate", host).status == 0)
    before = try Self.standing(host)
  }

  init() throws { try self.init(.ofPool) }

  private static func manifest(_ claims: Claims, _ first: String, _ second: String) -> String {
    let spec =
      claims == .ofPool
      ? #"pools: [{name: fast, select: {id: "8086:10c9"}, virtualFunctions: {count: 4}}]"#
      : #"nics: [{name: fast, select: {address: "0000:02:00.0"}, virtualFunctions: {count: 4}}]"#
    let from = claims == .ofPool ? ["fast", "fast"] : ["fast/0", "fast/1"]
    return """
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: hv02}
      spec:
        \(spec)
      ---
      apiVersion: pcipass/v1
      kind: Guest
      metadata: {name: db}
      spec:
        host: hv02
        nics:
          - {name: a, from: \(from[0]), mac: "52:54:00:00:\(first)"}
          - {name: b, from: \(from[1]), mac: "52:54:00:00:\(second)"}
      """
  }

  /// The functions and guests of the host, which a rollback restores.
  private static func standing(_ host: String) throws -> NSArray {
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: host)))
    let state = try #require(object as? [String: Any])
    return [state["functions"] ?? "none", state["libvirt"] ?? "none"]
  }

  private func run(_ words: String...) throws -> Pcipass.Result {
    try Pcipass.run(words + ["--yes", "--simulate", host])
  }

  private func document(_ result: Pcipass.Result) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  private func outcomes(_ document: [String: Any]) -> [String: String] {
    Dictionary(
      (document["steps"] as? [[String: Any]] ?? []).map {
        ($0["id"] as? String ?? "", $0["outcome"] as? String ?? "")
      }, uniquingKeysWith: { "\($0), \($1)" })
  }

  @Test("is rolled back, and the rollback is rolled back", arguments: Claims.allCases)
  func rollback(claims: Claims) throws {
    let test = try Self(claims)
    #expect(try test.run("apply", test.folder.path("after.yaml")).status == 0)
    let after = try Self.standing(test.host)
    #expect(after != test.before)
    let back = try test.run("rollback")
    #expect(back.status == 0 && back.error == "")
    #expect(try Self.standing(test.host) == test.before)
    #expect(try test.run("rollback", "3").status == 0)
    #expect(try Self.standing(test.host) == after)
  }

  @Test(
    "is recovered in both directions where it was killed at any of its steps",
    arguments: ["free-mac/0000:02:10.0", "configure/0000:03:10.0", "configure/0000:02:10.0"], [0, 1])
  func recovered(step: String, writes: Int) throws {
    for direction in ["--back", "--forward"] {
      let test = try Self(.ofPool)
      try withFault(at: step, "killed", writes: writes, on: test.host) { () throws in
        #expect(try test.run("apply", test.folder.path("after.yaml")).status == SIGKILL)
      }
      let recovery = try test.run("recover", direction, "--format", "json")
      #expect(recovery.status == 0 && !recovery.error.contains("[not-converged]"), "\(direction)")
      let document = try test.document(recovery)
      let isBack = direction == "--back"
      #expect((document["inEffect"] as? [String])?.isEmpty == isBack)
      #expect(try (Self.standing(test.host) == test.before) == isBack)
      let plan = try Pcipass.run(
        "plan", test.folder.path(isBack ? "before.yaml" : "after.yaml"), "--simulate", test.host)
      #expect(plan.output.contains("No changes."))
    }
  }

  @Test("is not undone where another program has set the MAC address since")
  func changedSince() throws {
    #expect(try run("apply", folder.path("after.yaml")).status == 0)
    let text = try String(contentsOfFile: host, encoding: .utf8)
    try folder.write(text.replacing("52:54:00:00:00:02", with: "52:54:00:00:00:99"), to: "hv02.json")
    let back = try run("rollback")
    #expect(back.status == 3 && back.error.contains("[changed]"))
  }

  @Test("reports after its recovery the outcome of each of its steps, as show does")
  func reported() throws {
    try withFault(at: "configure/0000:02:10.0", "killed", on: host) { () throws in
      #expect(try run("apply", folder.path("after.yaml")).status == SIGKILL)
    }
    let recovery = try document(try run("recover", "--format", "json"))
    #expect(
      outcomes(recovery) == [
        "free-mac/0000:02:10.0": "undone", "configure/0000:03:10.0": "undone",
        "configure/0000:02:10.0": "undone",
      ])
    #expect(recovery["outcome"] as? String == "undone" && recovery["recovery"] as? String == "back")
    #expect(recovery["stepCount"] as? Int == 3 && (recovery["inEffect"] as? [String]) == [])
    let shown = try document(try Pcipass.run("show", "2", "--format", "json", "--simulate", host))
    // show does not read the host, and the end is recorded a moment later.
    let others = { (document: [String: Any]) in
      NSDictionary(dictionary: document.filter { !["functions", "finished"].contains($0.key) })
    }
    #expect(others(recovery) == others(shown))
  }
}
