import Foundation
import Testing

@Suite("pcipass graph")
struct GraphCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("a host with its plan, in each format", arguments: ["text", "mermaid", "dot", "svg"])
  func formats(format: String) throws {
    let result = try Pcipass.run(
      "graph", "manifests", "--state", "manifests/captures/hv02.json", "--format", format)
    #expect(result.status == 0 && result.error == "")
    try expectGolden(
      result.output, "graph-hv02.\(format == "text" ? "txt" : format == "mermaid" ? "mmd" : format)")
  }

  @Test("a host alone, and only what a plan touches")
  func parts() throws {
    let alone = try Pcipass.run("graph", "--state", "manifests/captures/hv01.json")
    #expect(alone.status == 0)
    try expectGolden(alone.output, "graph-alone.txt")
    let changes = try Pcipass.run(
      "graph", "manifests", "--changes", "--state", "manifests/captures/hv01.json")
    #expect(changes.status == 0)
    try expectGolden(changes.output, "graph-changes.txt")
    #expect(try Pcipass.run("graph", "--changes", "--state", "manifests/captures/hv01.json").status == 64)
  }

  /// VFs that go, a NIC that the host uses, one that is not there, and a claim by another name.
  private static let manifest = """
    apiVersion: pcipass/v1
    kind: Host
    metadata: {name: hv02}
    spec:
      nics:
        - {name: uplink, select: {address: "0000:01:00.0"}}
        - {name: storage, select: {address: "0000:03:00.0"}}
        - {name: nowhere, select: {address: "0000:09:00.0"}}
        - {name: pool, select: {address: "0000:02:00.0"}, virtualFunctions: {count: 2}}
    ---
    apiVersion: pcipass/v1
    kind: Guest
    metadata: {name: db}
    spec:
      host: hv02
      nics:
        - {name: backup, from: storage}
        - {name: up, from: uplink}
    """

  @Test(
    "what goes, what changes and what is refused differ in sign, colour and line", arguments: ["text", "svg"])
  func changes(format: String) throws {
    let host = try folder.simulated("hv02")
    #expect(try Pcipass.run("apply", "manifests", "--simulate", host, "--yes").status == 0)
    let manifest = try folder.write(Self.manifest, to: "changed.yaml")
    let result = try Pcipass.run("graph", manifest, "--simulate", host, "--format", format)
    #expect(result.status == 0)
    try expectGolden(result.output, "graph-changed.\(format == "text" ? "txt" : format)")
  }

  @Test("a narrow terminal has no line that is too long")
  func narrow() throws {
    let result = try Pcipass.runOnTerminal(
      "graph", arguments: ["manifests", "--state", "manifests/captures/hv02.json"], input: "",
      environment: ["COLUMNS": "44"])
    let lines = result.output.replacing(/\u{1B}\[[0-9;]*m/, with: "").split(whereSeparator: \.isNewline)
    #expect(lines.contains { $0.hasSuffix("…") } && lines.allSatisfy { $0.count <= 44 })
    #expect(result.output.contains("\u{1B}[32m"))
  }

  @Test(
    "a guest by a name that is markup does no harm",
    arguments: ["mermaid", "dot", "svg"],
    [#"\"]; click x \"javascript:alert(1)"#, "</title><script>x</script>"])
  func hostile(format: String, name: String) throws {
    let host = try folder.simulated("hv01") {
      $0.replacing("\"name\": \"winxp\"", with: "\"name\": \"\(name)\"").replacing(
        "\"persistent\": []", with: "\"persistent\": [{\"address\": \"0000:03:00.0\"}]")
    }
    let result = try Pcipass.run("graph", "--simulate", host, "--format", format)
    #expect(result.status == 0)
    // Tags are nothing to Graphviz, and quotation marks in text nothing to SVG.
    #expect(format == "dot" || !result.output.contains("<script"))
    #expect(format == "svg" || !result.output.contains("x \"javascript"))
    #expect(result.output.contains("javascript") || result.output.contains("script"))
  }
}
