import Foundation
import TestSupport
import Testing

@Suite("An error in the manifests of another host")
struct LocalFaultTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Commands that load manifests, for the host hv01. `FLEET` stands for the paths of the manifests.
  private static let commands = [
    "plan FLEET STATE", "status FLEET STATE", "devices FLEET STATE", "graph FLEET STATE",
    "explain nic/lan FLEET STATE", "doctor FLEET STATE", "snapshot FLEET --simulate HOST",
    "render web FLEET --xml XML STATE", "plan FLEET --simulate HOST --format json",
    "apply FLEET --simulate HOST --yes",
  ]

  private func run(_ command: String, on host: String, _ more: String...) throws -> Pcipass.Result {
    let simulated = try folder.simulated(host)
    try? FileManager.default.removeItem(atPath: simulated + ".state")
    let xml = try folder.write(
      "<domain type='kvm'><name>web-1</name><devices></devices></domain>\n", to: "web.xml")
    return try Pcipass.run(
      command.split(separator: " ").flatMap { word -> [String] in
        switch word {
        case "FLEET": ["manifests"] + more
        case "STATE": ["--state", simulated]
        case "HOST": [simulated]
        case "XML": [xml]
        default: [String(word)]
        }
      })
  }

  @Test("is a warning, printed once, and changes no result", arguments: commands)
  func warning(command: String) throws {
    let bad = try folder.write(
      "{apiVersion: pcipass/v1, kind: Guest, metadata: {name: bad}, spec: {host: hv03, nics: [], extra: 1}}\n",
      to: "bad.yaml")
    let without = try run(command, on: "hv01")
    let with = try run(command, on: "hv01", bad)
    #expect(with.status == without.status)
    func stable(_ text: String) -> String { text.replacing(/[0-9.]+ ?m?s\b/, with: "") }
    #expect(stable(with.output) == stable(without.output))
    #expect(without.count("warning", "unknown-key") == 0)
    #expect(with.count("warning", "unknown-key") == 1)
    #expect(
      with.error.split(separator: "\n").first { $0.contains("[unknown-key]") }.map {
        String($0).names("hv03")
      } == true)
  }

  @Test("is an error on that host, and nothing else is read or changed", arguments: commands)
  func error(command: String) throws {
    let bad = try folder.write(
      "{apiVersion: pcipass/v1, kind: Guest, metadata: {name: bad}, spec: {host: hv01, nics: [], extra: 1}}\n",
      to: "bad.yaml")
    let before = try folder.simulated("hv01")
    let result = try run(command, on: "hv01", bad)
    #expect(result.status == 1)
    #expect(result.count("error", "unknown-key") == 1)
    #expect(try String(contentsOfFile: before, encoding: .utf8) == folder.text("hv01.json"))
  }

  @Test("is an error of validate")
  func validate() throws {
    let bad = try folder.write(
      "{apiVersion: pcipass/v1, kind: Host, metadata: {name: hv09}, spec: {extra: 1}}\n", to: "bad.yaml")
    let result = try Pcipass.run("validate", "manifests", bad)
    #expect(result.status == 1)
    #expect(result.count("error", "unknown-key") == 1)
  }

  @Test("of a kind that is not known stops on every host", arguments: commands)
  func unknown(command: String) throws {
    let bad = try folder.write("{kind: Hots}\n", to: "bad.yaml")
    #expect(try run(command, on: "hv01", bad).status == 1)
  }

  @Test("warnings of manifests are printed once by every command", arguments: commands)
  func warnings(command: String) throws {
    let text = """
      {apiVersion: pcipass/v1, kind: Host, metadata: {name: HOST}, spec: {nics: [
        {name: pool, select: {address: "0000:04:00.0"}, virtualFunctions: {count: 4}}]}}
      ---

      """
    let more = try folder.write(
      ["x1", "x2"].map { text.replacing("HOST", with: $0) }.joined() + """
        apiVersion: pcipass/v1
        kind: Guest
        metadata: {name: roam}
        spec: {hosts: [x1, x2], nics: [{name: net, from: pool/0, mac: "52:54:00:6b:3c:58"}]}
        """, to: "roam.yaml")
    let result = try run(command, on: "hv01", more)
    #expect(result.status == 0 || command.hasPrefix("status") || command.hasPrefix("doctor"))
    #expect(result.count("warning", "shared-mac") == 1)
    #expect(try Pcipass.run("validate", more).count("warning", "shared-mac") == 1)
  }

  @Test("does not hide that the guest of render may be in the document that cannot be decoded")
  func render() throws {
    let bad = try folder.write(
      "{apiVersion: pcipass/v1, kind: Guest, metadata: {name: new}, spec: {host: hv01, nics: [], extra: 1}}\n",
      to: "bad.yaml")
    let result = try Pcipass.run(
      "render", "new", "manifests", bad, "--qemu", "--state", "manifests/captures/hv01.json")
    #expect(result.status == 1)
    #expect(result.count("error", "no-guest") == 1 && result.count("error", "unknown-key") == 1)
  }
}
