import Documents
import Foundation
import Manifests
import TestSupport
import Testing

@testable import pcipass

@Suite("Rendered manifests")
struct RenderedManifestTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes the manifests of hv01 as one List, each item with the place that it was rendered from.
  private func rendered(_ change: (String) -> String = { $0 }) throws -> String {
    var items: [JSON] = []
    for (number, name) in ["hosts/hv01", "guests/web", "guests/winxp"].enumerated() {
      let text = try String(
        contentsOf: Pcipass.root.appending(path: "manifests/\(name).yaml"), encoding: .utf8)
      let loader = Loader.load(Source(name: name, text: text))
      let fleet = loader.fleet
      let encoded =
        fleet.hosts.map(HostManifest.form.encode) + fleet.guests.map(GuestManifest.form.encode)
      guard case .object(let members)? = encoded.first else { continue }
      items.append(
        .object(
          members.map { member in
            guard member.key == "metadata", case .object(let own) = member.value else { return member }
            let annotations = JSON.object([
              JSON.Member("pcipass/origin", .string("clusters/edge.jsonnet:\(number * 10 + 4)")),
              JSON.Member("config.kubernetes.io/index", .string("\(number)")),
            ])
            return JSON.Member(
              "metadata",
              .object(
                own + [JSON.Member("annotations", annotations), JSON.Member("creationTimestamp", .null)]))
          }))
    }
    let list = JSON.object([
      JSON.Member("apiVersion", .string("v1")), JSON.Member("kind", .string("List")),
      JSON.Member("metadata", .object([JSON.Member("resourceVersion", .string(""))])),
      JSON.Member("items", .array(items)),
    ])
    return try folder.write(change(list.text + "\n"), to: "fleet.json")
  }

  private func readable(_ text: String) -> String { text.replacing(folder.url.path + "/", with: "") }

  @Test("give the same plan as the manifests, and each step names its place and the source of the place")
  func plan() throws {
    let path = try rendered()
    let state = ["--state", "manifests/captures/hv01.json"]
    let plain = try Pcipass.run(["plan", "manifests"] + state)
    let result = try Pcipass.run(["plan", path] + state)
    #expect(result.status == 0 && result.error == "")
    func withoutOrigins(_ text: String) -> String {
      text.replacing(#/  [^ ]+\.(yaml|json):\d+:\d+.*/#, with: "")
    }
    #expect(withoutOrigins(result.output) == withoutOrigins(plain.output))
    try expectGolden(
      readable(try Pcipass.run(["plan", path, "--verbose"] + state).output), "plan-rendered.txt")
    let json = try Pcipass.run(["plan", path, "--format", "json"] + state).output
    #expect(
      json.contains(/"origin": "[^"]*fleet\.json:\d+:\d+ \(rendered from clusters\/edge\.jsonnet:14\)"/))
    for command in [["status", path], ["explain", "nic/lan", path], ["devices", path]] {
      let output = try Pcipass.run(command + state + ["--format", "json"]).output
      #expect(output.contains("(rendered from clusters/edge.jsonnet:"), "\(command)")
    }
  }

  @Test("are applied, also as a saved plan, and the journal names the source")
  func apply() throws {
    let path = try rendered()
    let host = try folder.simulated("hv01")
    #expect(try Pcipass.run("apply", path, "--simulate", host, "--yes").status == 0)
    #expect(try Pcipass.run("status", path, "--simulate", host).status == 0)
    // The journal has the source, too.
    let explanation = try Pcipass.run("explain", "nic/lan", "--simulate", host)
    #expect(explanation.status == 0)
    #expect(explanation.output.contains("fleet.json:66:35 (rendered from clusters/edge.jsonnet:24)"))
    let saved = folder.path("plan.json")
    #expect(try Pcipass.run("rollback", "--simulate", host, "--yes").status == 0)
    #expect(try Pcipass.run("plan", path, "--simulate", host, "--out", saved).status == 0)
    #expect(try folder.text("plan.json").contains("rendered from"))
    // A saved plan may be named .json as well.
    #expect(try Pcipass.run("apply", saved, "--simulate", host, "--yes").status == 0)
    // In a folder it is passed over, as is the snapshot of the host.
    #expect(try Pcipass.run("validate", folder.url.path).output == "Valid: 1 host, 2 guests.\n")
    for file in [saved, host] {
      let result = try Pcipass.run("validate", file)
      #expect(result.status == 1 && result.count("error", "bad-value") == 1)
    }
  }

  @Test("have errors with the place in the file and the source, in each format")
  func errors() throws {
    let path = try rendered { $0.replacing("\"hotplug\"", with: "\"hotplugs\"") }
    let text = try Pcipass.run("validate", path)
    #expect(text.status == 1)
    #expect(text.count("error", "unknown-key") == 1)
    let outputs = try ["json", "sarif", "github"].map {
      try Pcipass.run("validate", path, "--format", $0).output
    }
    try expectGolden(readable(([text.error] + outputs).joined()), "validate-rendered.txt")
  }

  @Test("keep their source with --origin")
  func origin() throws {
    let path = try rendered { $0.replacing("\"hotplug\"", with: "\"hotplugs\"") }
    let result = try Pcipass.run("validate", path, "--origin", "pull/7")
    #expect(result.error.hasPrefix("pull/7:"))
    #expect(result.error.contains("\n  rendered from clusters/edge.jsonnet:14\n"))
  }

  @Test("are refused with the name of the file in which strict JSON is expected, also by apply")
  func strict() throws {
    let path = try folder.write("{apiVersion: pcipass/v1, kind: Host}\n", to: "a.json")
    let host = try folder.simulated("hv01")
    for command in [["validate", path], ["apply", path, "--simulate", host, "--yes"]] {
      let result = try Pcipass.run(command)
      #expect(result.status == 1 && result.count("error", "json-syntax") == 1)
    }
  }

  @Test("lie beside the documents that pcipass writes: each kind in the sources is known to the loader")
  func kinds() throws {
    let sources = Pcipass.root.appending(path: "Sources")
    let names = FileManager.default.enumerator(atPath: sources.path)?.allObjects as? [String] ?? []
    var kinds: Set<String> = []
    for name in names where name.hasSuffix(".swift") {
      let text = try String(contentsOf: sources.appending(path: name), encoding: .utf8)
      for match in text.matches(of: /(?:\(\s*kind: |"kind", \{ _ in |manifestKind\()"([A-Z][A-Za-z]+)"/) {
        kinds.insert(String(match.output.1))
      }
    }
    #expect(kinds.isSuperset(of: ["Host", "Guest", "HostClass", "PlanList", "Drift"]))
    #expect(
      Set(NonManifestKind.allCases.map(\.rawValue)) == kinds.subtracting(["Host", "Guest", "HostClass"]))
  }

  @Test("are completed by their names, and offer the names in them", arguments: Shell.allCases)
  func completion(shell: Shell) throws {
    let path = try rendered()
    #expect(try shell.offers("pcipass validate \(folder.url.path)/fl") == [path])
    #expect(try shell.offers("pcipass apply \(folder.url.path)/fl") == [path])
    #expect(
      try Set(shell.offers("pcipass plan \(path) --target ")) == [
        "nic/lan", "nic/dmz", "guest/web", "guest/winxp",
      ])
  }
}
