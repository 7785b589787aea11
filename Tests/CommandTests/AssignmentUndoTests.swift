import Foundation
import TestSupport
import Testing

/// Two QEMU guests that do not run have members of a pool, and a drain moves one of them. The state folder is the
/// only record of that.
@Suite("What pcipass remembers of assignments")
struct AssignmentUndoTests {
  private let folder: TemporaryFolder
  private let host: String
  private let manifests: String

  init() throws {
    folder = try TemporaryFolder()
    host = folder.path("hv03.json")
    let capture = Pcipass.root.appending(path: "manifests/captures/hv03.json")
    var state =
      try JSONSerialization.jsonObject(with: Data(contentsOf: capture)) as? [String: Any] ?? [:]
    state["qemu"] = ["vm", "zed"].map { ["name": "/run/qemu/\($0).sock", "run": "shutoff"] }
    try JSONSerialization.data(withJSONObject: state).write(to: URL(filePath: host))
    manifests = try folder.write(Self.fleet, to: "fleet.yaml")
    let applied = try run("apply", "--yes", "--reassign")
    try #require(applied.status == 0, "\(applied.error)")
  }

  private static let fleet =
    """
    apiVersion: pcipass/v1
    kind: Host
    metadata: {name: hv03}
    spec:
      pools: [{name: fast, select: {id: "8086:10c9"}, virtualFunctions: {count: 4}}]

    """
    + ["vm", "zed"].map {
      """
      ---
      apiVersion: pcipass/v1
      kind: Guest
      metadata: {name: \($0)}
      spec:
        host: hv03
        qemu: {qmp: /run/qemu/\($0).sock}
        nics: [{name: a, from: fast}]

      """
    }.joined()

  private func run(_ words: String...) throws -> Pcipass.Result {
    try Pcipass.run(words + ["--simulate", host] + (words[0] == "apply" ? [manifests] : []))
  }

  /// What each guest has, as the state folder records it.
  private func record() throws -> [String] {
    let data = try Data(contentsOf: URL(filePath: host + ".state/assignments.json"))
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    let entries = object?["entries"] as? [[String: Any]] ?? []
    return entries.map { "\($0["guest"] ?? ""): \($0["address"] ?? "")" }
  }

  private func plan(_ words: String...) throws -> Pcipass.Result {
    try Pcipass.run(["plan", manifests, "--simulate", host, "--detailed-exitcode"] + words)
  }

  /// Saves the plan in which the guests leave the port that vm is on, and returns its path.
  private func drain() throws -> String {
    let path = folder.path("drain.plan")
    let result = try Pcipass.run(["drain", "fast/0", manifests, "--simulate", host, "--out", path])
    try #require(result.status == 0, "\(result.error)")
    return path
  }

  private func setFault(_ fault: [String: String]?) throws {
    try change(host) { state in
      var simulation = state["simulation"] as? [String: Any] ?? [:]
      simulation["faults"] = fault.map { [$0] } ?? []
      state["simulation"] = simulation
    }
  }

  @Test("is restored by a rollback, also of a saved plan, and a rollback of that restores it again")
  func rollback() throws {
    let before = try record()
    let saved = try drain()
    #expect(try Pcipass.run("apply", saved, "--simulate", host, "--yes").status == 0)
    let drained = try record()
    #expect(drained != before)
    for (words, expected) in [
      (["rollback", "--yes"], before), (["rollback", "3", "--yes"], drained),
      (["rollback", saved, "--yes"], before),
    ] {
      let result = try Pcipass.run(words + ["--simulate", host])
      #expect(result.status == 0, "\(result.error)")
      #expect(try record() == expected)
    }
    #expect(try plan().status == 0)
  }

  @Test("is restored only for the guests of a rollback with targets")
  func targets() throws {
    let before = try record()
    #expect(try Pcipass.run("apply", try drain(), "--simulate", host, "--yes").status == 0)
    let drained = try record()
    let other = try run("rollback", "--target", "guest/zed", "--yes")
    // The drain does not move it.
    #expect(other.count("error", "no-target") == 1)
    #expect(try record() == drained)
    #expect(try run("rollback", "--target", "guest/vm", "--yes").status == 0)
    #expect(try record() == before)
  }

  @Test("is restored where the apply fails and is undone")
  func failure() throws {
    let before = try record()
    let saved = try drain()
    let step = "bind/\(try #require(before.first { $0.hasPrefix("zed") }?.suffix(12)).dropLast())2"
    try setFault(["step": step, "effect": "refused"])
    let failed = try Pcipass.run("apply", saved, "--simulate", host, "--yes")
    #expect(failed.status == 4, "\(failed.output)")
    #expect(try record() == before)
    try setFault(nil)
    #expect(try plan().status == 0)
  }

  @Test("is restored by recover, and recorded by recover --forward", arguments: [false, true])
  func recovery(forward: Bool) throws {
    let before = try record()
    let saved = try drain()
    let step = "bind/\(try #require(before.first { $0.hasPrefix("zed") }?.suffix(12)).dropLast())2"
    try setFault(["step": step, "effect": "killed"])
    #expect(try Pcipass.run("apply", saved, "--simulate", host, "--yes").status != 0)
    try setFault(nil)
    // The run may have been killed before it recorded what it assigns.
    let recovered = try Pcipass.run(
      ["recover", "--yes", "--simulate", host] + (forward ? ["--forward"] : []))
    #expect(recovered.status == 0, "\(recovered.error)")
    #expect(try (record() == before) == !forward)
    if !forward { #expect(try plan().status == 0) }
  }

  @Test("is absent again where the first apply is rolled back")
  func first() throws {
    #expect(try run("rollback", "--yes").status == 0)
    #expect(!FileManager.default.fileExists(atPath: host + ".state/assignments.json"))
    // It is unknown again what the guests have.
    #expect(try plan().status == 3)
  }

  @Test("refuses plan and apply alike where it cannot be read, with the file", arguments: ["{broken", "{}"])
  func unreadable(text: String) throws {
    let file = host + ".state/assignments.json"
    try text.write(toFile: file, atomically: false, encoding: .utf8)
    for words in [["plan"], ["apply", "--yes"]] {
      let result = try Pcipass.run(words + [manifests, "--simulate", host, "--reassign"])
      #expect(result.status == 3)
      #expect(result.count("error", "unavailable") == 1)
      #expect(result.error.contains(file))
    }
  }
}
