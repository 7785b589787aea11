import Foundation
import TestSupport
import Testing

@Suite("pcipass with a pool of VFs")
struct VirtualFunctionCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func manifest(count: Int, _ claims: String...) -> String {
    """
    apiVersion: pcipass/v1
    kind: Host
    metadata: {name: hv02}
    spec:
      nics:
        - {name: pool, select: {address: "0000:02:00.0"}, virtualFunctions: {count: \(count)}}
    ---
    apiVersion: pcipass/v1
    kind: Guest
    metadata: {name: db}
    spec:
      host: hv02
      nics: [\(claims.map { "{\($0)}" }.joined(separator: ", "))]
    """
  }

  private static let backup =
    "name: backup, from: pool/0, mac: '52:54:00:6b:3c:58', vlan: {id: 120, qos: 3}, trust: true"
  private static let lan = "name: lan, from: pool/1, as: interface, mac: '52:54:00:6b:3c:59', vlan: 130"

  /// Returns the state that a rollback restores: all except modules and drivers, which stay loaded.
  private func standing(_ host: String) throws -> String {
    let text = try String(contentsOfFile: host, encoding: .utf8)
    let functions = try #require(text.range(of: "\"functions\""))
    return String(text[functions.lowerBound...].filter { !$0.isWhitespace })
      .replacing(/,"simulation".*/, with: "").replacing(/}+$/, with: "")
  }

  private func apply(_ manifest: String, _ host: String, _ plan: String) throws -> Pcipass.Result {
    let path = try folder.write(manifest, to: "pool.yaml")
    return try Pcipass.run("apply", path, "--simulate", host, "--yes", "--out", folder.path(plan))
  }

  @Test("two applies with different numbers of VFs can both be rolled back")
  func thereAndBack() throws {
    let host = try folder.simulated("hv02")
    let start = try standing(host)
    let path = try folder.write(Self.manifest(count: 4, Self.backup, Self.lan), to: "pool.yaml")
    let planned = try Pcipass.run("plan", path, "--simulate", host)
    #expect(planned.status == 0 && planned.error == "")
    try expectGolden(
      planned.output.replacingOccurrences(of: folder.url.path + "/", with: ""), "plan-pool.txt")
    let four = try apply(Self.manifest(count: 4, Self.backup, Self.lan), host, "four.plan")
    #expect(four.status == 0)
    let middle = try standing(host)
    #expect(try Pcipass.run("plan", path, "--detailed-exitcode", "--simulate", host).status == 0)
    let two = try apply(Self.manifest(count: 2, Self.backup, Self.lan), host, "two.plan")
    #expect(two.status == 0 && two.output.contains("of 0000:02:00.0 with 2"))
    #expect(try Pcipass.run("plan", path, "--detailed-exitcode", "--simulate", host).status == 0)
    #expect(try Pcipass.run("rollback", folder.path("two.plan"), "--simulate", host, "--yes").status == 0)
    #expect(try standing(host) == middle)
    #expect(try Pcipass.run("rollback", folder.path("four.plan"), "--simulate", host, "--yes").status == 0)
    #expect(try standing(host) == start)
  }

  @Test("count 0 deletes all VFs, after the guest has no claim any more")
  func takenAway() throws {
    let host = try folder.simulated("hv02")
    #expect(try apply(Self.manifest(count: 2, Self.backup), host, "two.plan").status == 0)
    let none = try apply(Self.manifest(count: 0), host, "none.plan")
    #expect(none.status == 0 && none.output.names("2", "0000:02:00.0"))
    #expect(try !String(contentsOfFile: host, encoding: .utf8).contains("0000:02:10.0"))
  }

  @Test("a setting that igb does not support is refused, and nothing is changed")
  func unsupported() throws {
    let host = try folder.simulated("hv02")
    let before = try folder.text("hv02.json")
    let result = try apply(
      Self.manifest(count: 1, "name: backup, from: pool/0, linkState: enable"), host, "x.plan")
    #expect(result.status == 3)
    #expect(result.error.contains(/igb .*\[unsupported\]/))
    #expect(try folder.text("hv02.json") == before)
  }

  @Test("more VFs than the NIC supports are refused")
  func tooMany() throws {
    let host = try folder.simulated("hv02")
    let result = try apply(Self.manifest(count: 8), host, "x.plan")
    #expect(result.status == 3 && result.error.names("7", "8"))
  }
}

@Suite("pcipass --legacy-new-id")
struct LegacyNewIDCommandTests {
  private let folder: TemporaryFolder
  private let manifest: String

  init() throws {
    folder = try TemporaryFolder()
    manifest = try folder.write(
      """
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: hv02}
      spec:
        nics: [{name: spare, select: {address: "0000:02:00.0"}, reserve: true}]
      """, to: "spare.yaml")
  }

  /// Returns a host whose kernel does not have driver_override.
  private func old() throws -> String {
    try folder.simulated("hv02") {
      $0.replacingOccurrences(
        of: "  \"qemu\": []", with: "  \"qemu\": [],\n  \"simulation\": {\"withoutOverride\": true}")
    }
  }

  @Test("is required on a kernel without driver_override, for apply and rollback")
  func thereAndBack() throws {
    let host = try old()
    let refused = try Pcipass.run("apply", manifest, "--simulate", host, "--yes")
    #expect(refused.status == 4)
    #expect((refused.output + refused.error).names("--legacy-new-id", "new_id"))
    let plan = try Pcipass.run("plan", manifest, "--simulate", host, "--legacy-new-id")
    #expect(plan.output.names("0000:02:00.0", "igb → vfio-pci (by new_id)"))
    let done = folder.path("done.plan")
    #expect(
      try Pcipass.run("apply", manifest, "--simulate", host, "--yes", "--legacy-new-id", "--out", done).status
        == 0)
    let again = ["plan", manifest, "--detailed-exitcode", "--simulate", host, "--legacy-new-id"]
    #expect(try Pcipass.run(again).status == 0)
    #expect(try Pcipass.run("rollback", done, "--simulate", host, "--yes").status == 0)
    let state = try folder.text("hv02.json")
    #expect(!state.contains("\"driver\": \"vfio-pci\"") && !state.contains("driverOverride"))
  }

  @Test("is refused with a saved plan, which already contains it")
  func savedPlan() throws {
    let host = try old()
    let plan = folder.path("spare.plan")
    _ = try Pcipass.run("plan", manifest, "--simulate", host, "--legacy-new-id", "--out", plan)
    let twice = try Pcipass.run("apply", plan, "--simulate", host, "--yes", "--legacy-new-id")
    #expect(twice.status != 0 && twice.error.names("--legacy-new-id"))
    #expect(try Pcipass.run("apply", plan, "--simulate", host, "--yes").status == 0)
    #expect(try folder.text("hv02.json").contains("\"driver\": \"vfio-pci\""))
  }
}
