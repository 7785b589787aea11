import Foundation
import TestSupport
import Testing

@Suite("A plan of pools")
struct PoolPlanTests {
  private let fleet: PoolFleet

  init() throws { fleet = try PoolFleet() }

  private func hosts(_ json: String) throws -> [[String: Any]] {
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    return object?["hosts"] as? [[String: Any]] ?? []
  }

  @Test("says which pools of which hosts have no available member")
  func exhausted() throws {
    let text = try fleet.run("plan", "--state", fleet.snapshots)
    #expect(text.status == 3)
    #expect(text.output.contains("fast on hv03."))
    let markdown = try fleet.run("plan", "--state", fleet.snapshots, "--format", "markdown")
    #expect(markdown.output.contains("**fast** is exhausted on hv03\n"))
    let json = try hosts(try fleet.run("plan", "--state", fleet.snapshots, "--format", "json").output)
    #expect(
      json.filter { $0["exhaustedPools"] as? [String] == ["fast"] }.map { $0["host"] as? String } == ["hv03"])
    #expect(json.filter { $0["exhaustedPools"] as? [String] == [] }.count == 2)
  }

  @Test("shows the member of each claim and the reason once", arguments: ["normal", "verbose", "markdown"])
  func members(detail: String) throws {
    let capture = fleet.path("other.json")
    try PoolFleet.capture(of: "hv01", guest: "db").write(toFile: capture, atomically: false, encoding: .utf8)
    let options = ["normal": [], "verbose": ["--verbose"], "markdown": ["--format", "markdown"]]
    let result = try Pcipass.run(["plan"] + fleet.manifests + ["--state", capture] + (options[detail] ?? []))
    #expect(result.status == 0)
    try expectGolden(result.output, "plan-members-\(detail).txt")
  }
}
