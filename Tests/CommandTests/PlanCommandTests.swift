import Foundation
import Testing

@Suite("pcipass plan")
struct PlanCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("the plan of one host for people", arguments: ["hv01", "hv02", "hv03"])
  func text(host: String) throws {
    let result = try Pcipass.run("plan", "manifests", "--state", "manifests/captures/\(host).json")
    #expect(result.status == 0)
    #expect(result.error == "")
    try expectGolden(result.output, "plan-\(host).txt")
  }

  @Test("the plan as JSON and as Markdown", arguments: ["json", "markdown"])
  func formats(format: String) throws {
    let result = try Pcipass.run(
      "plan", "manifests", "--state", "manifests/captures/hv01.json", "--format", format)
    #expect(result.status == 0)
    try expectGolden(result.output, "plan-hv01.\(format == "json" ? "json" : "md")")
  }

  @Test("a folder of snapshots plans the whole fleet")
  func fleet() throws {
    let result = try Pcipass.run("plan", "manifests", "--state", "manifests/captures")
    #expect(result.status == 0)
    try expectGolden(result.output, "plan-fleet.txt")
  }

  @Test("--detailed-exitcode: 2 with changes, 0 with none, 1 with an error")
  func detailedExitCode() throws {
    let host = try folder.simulated("hv02")
    #expect(try Pcipass.run("plan", "manifests", "--simulate", host, "--detailed-exitcode").status == 2)
    #expect(try Pcipass.run("apply", "manifests", "--simulate", host, "--yes").status == 0)
    let second = try Pcipass.run("plan", "manifests", "--simulate", host, "--detailed-exitcode")
    #expect(second.status == 0)
    #expect(second.output == "hv02: No changes.\n")
    #expect(try Pcipass.run("plan", "manifests", "--state", "/nowhere", "--detailed-exitcode").status == 1)
  }

  @Test("an unknown target is an error that lists the known ones")
  func unknownTarget() throws {
    let result = try Pcipass.run(
      "plan", "manifests", "--state", "manifests/captures/hv01.json", "--target", "nic/lam")
    #expect(result.status == 1)
    #expect(result.error.contains("nic/lam is not among the manifests of hv01"))
    #expect(result.error.contains("nic/lan"))
  }

  @Test("a target limits the plan to its NIC")
  func target() throws {
    let result = try Pcipass.run(
      "plan", "manifests", "--state", "manifests/captures/hv01.json", "--target", "guest/web")
    #expect(result.status == 0)
    #expect(result.output.contains("0000:02:00.0"))
    #expect(!result.output.contains("0000:03:00.0"))
  }

  @Test("a host that no manifest names is an error, not an empty plan")
  func noHost() throws {
    let result = try Pcipass.run(
      "plan", "manifests", "--state", "manifests/captures/hv01.json", "--host", "hv10")
    #expect(result.status == 1)
    #expect(result.error.contains("no Host named hv10"))
    #expect(result.error.contains("did you mean --host hv01?"))
  }

  @Test("the NIC of the default route is refused, with all that it is used for")
  func hostNetwork() throws {
    let manifest = try folder.write(
      """
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: hv03}
      spec:
        nics:
          - name: uplink
            select: {address: "0000:01:00.0"}
            reserve: true
      """, to: "uplink.yaml")
    let result = try Pcipass.run("plan", manifest, "--state", "manifests/captures/hv03.json")
    #expect(result.status == 1)
    let expected = ["[host-network]", "the default route", "192.0.2.13/24 on bond0.100", "the bond bond0"]
    for words in expected { #expect(result.error.contains(words)) }
    #expect(result.output.contains("refused"))
  }

  @Test("colour only on a terminal")
  func noColour() throws {
    let result = try Pcipass.run("plan", "manifests", "--state", "manifests/captures/hv01.json")
    #expect(!result.output.contains("\u{1B}"))
  }
}
