import Foundation
import Testing

@Suite("pcipass graph")
struct GraphCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("draws a host with its plan, in each format", arguments: ["text", "mermaid", "dot", "svg"])
  func formats(format: String) throws {
    let result = try Pcipass.run(
      "graph", "manifests", "--state", "manifests/captures/hv02.json", "--format", format)
    #expect(result.status == 0 && result.error == "")
    // README shows the SVG.
    let name = [
      "text": "graph-hv02.txt", "mermaid": "graph-hv02.mmd", "dot": "graph-hv02.dot",
      "svg": "../../../docs/pictures/graph.svg",
    ][format]
    try expectGolden(result.output, try #require(name))
  }

  @Test("draws a host without a plan, and only the changes of a plan with --changes")
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

  @Test("prints the output that docs/graph.md shows", arguments: ["text", "mermaid"])
  func documented(format: String) throws {
    let result = try Pcipass.run(
      "graph", "manifests", "--changes", "--state", "manifests/captures/hv02.json", "--format", format)
    let page = try String(contentsOf: Pcipass.root.appending(path: "docs/graph.md"), encoding: .utf8)
    #expect(page.contains(result.output + "```"))
    let alone = try Pcipass.run("graph", "--state", "manifests/captures/hv01.json")
    #expect(page.contains("$ pcipass graph\n" + alone.output + "```"))
  }

  /// Manifests that delete VFs, and that have a NIC in use by the host, a missing NIC and a renamed
  /// claim.
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
    "draws removed, changed and refused parts with different signs, colours and lines",
    arguments: ["text", "svg"])
  func changes(format: String) throws {
    let host = try folder.simulated("hv02")
    #expect(try Pcipass.run("apply", "manifests", "--simulate", host, "--yes").status == 0)
    let manifest = try folder.write(Self.manifest, to: "changed.yaml")
    let result = try Pcipass.run("graph", manifest, "--simulate", host, "--format", format)
    #expect(result.status == 0)
    try expectGolden(result.output, "graph-changed.\(format == "text" ? "txt" : format)")
  }

  @Test("has the same words for changes in each format", arguments: ["text", "svg", "mermaid"])
  func words(format: String) throws {
    let result = try Pcipass.run(
      "graph", "manifests", "--state", "manifests/captures/hv02.json", "--format", format)
    for word in ["added", "changed"] { #expect(result.output.contains(word)) }
  }

  @Test(
    "prints whole lines and all columns on a narrow terminal with --wide",
    arguments: ["graph", "devices"])
  func wide(command: String) throws {
    func output(_ options: [String]) throws -> String {
      try Pcipass.runOnTerminal(
        command, arguments: ["--state", "manifests/captures/hv02.json"] + options, input: "",
        environment: ["COLUMNS": "40", "NO_COLOR": "1"]
      ).output
    }
    func isWhole(_ output: String) -> Bool { !output.contains("…") && !output.contains("--wide") }
    #expect(try !isWhole(output([])) && isWhole(output(["--wide"])))
    #expect(try output(["--wide"]).split(whereSeparator: \.isNewline).contains { $0.count > 40 })
  }

  @Test(
    "prints colour with --color always, also with NO_COLOR and to a file",
    arguments: ["devices", "graph", "doctor"])
  func color(command: String) throws {
    func isColored(_ choice: String?, _ environment: [String: String]) throws -> Bool {
      let words =
        [command, "--state", "manifests/captures/hv02.json"] + (choice.map { ["--color", $0] } ?? [])
      return try Pcipass.run(words, environment: environment).output.contains("\u{1B}")
    }
    #expect(try isColored("always", ["NO_COLOR": "1"]) && isColored(nil, ["CLICOLOR_FORCE": "1"]))
    #expect(try !isColored(nil, [:]) && !isColored("never", ["CLICOLOR_FORCE": "1"]))
    #expect(try !isColored(nil, ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"]))
  }

  @Test("truncates the lines that are too long for a narrow terminal")
  func narrow() throws {
    let result = try Pcipass.runOnTerminal(
      "graph", arguments: ["manifests", "--state", "manifests/captures/hv02.json"], input: "",
      environment: ["COLUMNS": "44"])
    let lines = result.output.replacing(/\u{1B}\[[0-9;]*m/, with: "").split(whereSeparator: \.isNewline)
    #expect(lines.contains { $0.hasSuffix("…") } && lines.allSatisfy { $0.count <= 44 })
    #expect(result.output.contains("\u{1B}[32m"))
  }

  @Test(
    "escapes markup in the name of a guest",
    arguments: ["mermaid", "dot", "svg"],
    [#"\"]; click x \"javascript:alert(1)"#, "</title><script>x</script>"])
  func hostile(format: String, name: String) throws {
    let host = try folder.simulated("hv01") {
      $0.replacing("\"name\": \"winxp\"", with: "\"name\": \"\(name)\"").replacing(
        "\"persistent\": []", with: "\"persistent\": [{\"address\": \"0000:03:00.0\"}]")
    }
    let result = try Pcipass.run("graph", "--simulate", host, "--format", format)
    #expect(result.status == 0)
    // Tags have no meaning in DOT, and neither have quotation marks in the text of an SVG.
    #expect(format == "dot" || !result.output.contains("<script"))
    #expect(format == "svg" || !result.output.contains("x \"javascript"))
    #expect(result.output.contains("javascript") || result.output.contains("script"))
  }
}
