import Documents
import Foundation
import Testing

@testable import Manifests

@Suite("Manifests that a program rendered")
struct RenderedInputTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func load(_ name: String = "") -> Loader {
    Loader.load([name.isEmpty ? scratch.path : scratch.path + "/" + name])
  }

  private func names(_ loader: Loader) -> [String] { loader.fleet.hosts.map(\.name) }

  private func list(_ items: String..., version: String = "v1", metadata: String = "{}") -> String {
    """
    {"apiVersion": "\(version)", "kind": "List", "metadata": \(metadata), "items": [\(items.joined(separator: ","))]}
    """
  }

  @Test("are read from JSON strictly: YAML notation in a .json file is an error with its place")
  func strict() throws {
    for text in ["{apiVersion: pcipass/v1}", HostManifest.named("a") + "\n---\n", "# comment\n{}", ""] {
      try scratch.write("a.json", text)
      let found = load("a.json").diagnostics
      #expect(found.map(\.code) == ["json-syntax"], "\(text)")
      #expect(found.allSatisfy { $0.location != nil })
    }
    try scratch.write("a.json", #"{"kind": "Host", "kind": "Host"}"#)
    #expect(load("a.json").diagnostics.map(\.code) == ["duplicate-key"])
  }

  @Test("have the places of the JSON text")
  func places() throws {
    let text = HostManifest.named("hv01").replacing("\"nics\"", with: "\"nisc\"")
    try scratch.write("a.json", text)
    let found = load("a.json").diagnostics
    #expect(found.map(\.code) == ["missing-key", "unknown-key"])
    let line = try #require(text.split(separator: "\n").firstIndex { $0.contains("nisc") })
    #expect(found.last?.location?.line == line + 1)
    #expect(found.last?.location?.source.name.hasSuffix("/a.json") == true)
  }

  @Test("have the limits of other texts")
  func limits() throws {
    try scratch.write("a.json", String(repeating: "[", count: 100_000))
    #expect(load("a.json").diagnostics.map(\.code) == ["limit"])
  }

  @Test("are read from a List, in JSON and in YAML", arguments: ["v1", "pcipass/v1"])
  func lists(version: String) throws {
    let text = list(
      HostManifest.named("a"), HostManifest.named("b"), version: version,
      metadata: #"{"resourceVersion": "", "selfLink": ["x", null]}"#)
    for name in ["a.json", "a.yaml"] {
      try scratch.write(name, text)
      let loader = load(name)
      #expect(loader.diagnostics.map(\.line) == [])
      #expect(names(loader) == ["a", "b"])
      #expect(loader.documentCount == 2)
    }
    try scratch.write(
      "b.yaml",
      "apiVersion: \(version)\nkind: List\nitems:\n- \(HostManifest.named("c").replacing("\n", with: " "))\n---\n"
        + HostManifest.named("d"))
    #expect(names(load("b.yaml")) == ["c", "d"])
  }

  @Test("report each error of a List at its place, and read the other items")
  func errorsInLists() throws {
    let inner = list(HostManifest.named("x"))
    try scratch.write(
      "a.json", list(HostManifest.named("a"), inner, "null", #"{"kind": "Hots"}"#, HostManifest.named("b")))
    let loader = load("a.json")
    #expect(names(loader) == ["a", "b"])
    #expect(loader.diagnostics.map(\.code) == ["bad-value", "wrong-type", "bad-value"])
    #expect(loader.diagnostics.allSatisfy { $0.location != nil && $0.hosts == nil })
    for (text, codes) in [
      (list(version: "v2"), ["bad-value"]), (#"{"apiVersion": "v1", "kind": "List"}"#, ["missing-key"]),
      (#"{"apiVersion": "v1", "kind": "List", "items": {}}"#, ["wrong-type"]),
      (list().replacing("metadata", with: "metdata"), ["unknown-key"]),
      // Nothing was given.
      (list(), ["no-manifest"]),
    ] {
      try scratch.write("b.json", text)
      #expect(load("b.json").diagnostics.map(\.code) == codes, "\(text)")
    }
  }

  @Test("name in each location the source that they were rendered from")
  func origins() throws {
    let text = list(
      HostManifest.named("a").replacing(
        "\"metadata\": {", with: #""metadata": {"annotations": {"pcipass/origin": "e/a.jsonnet:14"}, "#),
      HostManifest.named("b"))
    try scratch.write("a.json", text)
    let loader = load("a.json")
    #expect(loader.diagnostics.map(\.line) == [])
    let places = loader.fleet.hosts.compactMap(\.metadata.name.location)
    #expect(places.map(\.source.origin?.description) == ["e/a.jsonnet:14", nil])
    #expect(places.first?.description.hasSuffix("(rendered from e/a.jsonnet:14)") == true)
    #expect(places.first?.inFile == places.first.map { "\($0.source.name):\($0.line):\($0.column)" })
    #expect(places.last?.description == places.last?.inFile)
    // The lines of the text are the same for all documents.
    #expect(Set(places.map(\.source.identity)).count == 1)
  }

  @Test("with a wrong origin give an error at the annotation, without an origin")
  func wrongOrigins() throws {
    for value in ["/etc/a:1", "../a:1", "a", "a:0", "a\\nb:1", "a:1x"] {
      let text = HostManifest.named("a").replacing(
        "\"metadata\": {", with: "\"metadata\": {\"annotations\": {\"pcipass/origin\": \"\(value)\"}, ")
      try scratch.write("a.json", text)
      let found = load("a.json").diagnostics
      #expect(found.map(\.code) == ["bad-value"])
      #expect(found.first?.location?.source.origin == nil)
      #expect(found.first?.help != nil)
      // The name of the host is readable, so other hosts are not concerned.
      #expect(found.first?.hosts == ["a"])
    }
  }

  @Test("in a folder lie beside documents that pcipass printed, which are passed over")
  func printed() throws {
    try scratch.write("hosts/a.json", HostManifest.named("a"))
    for kind in NonManifestKind.allCases {
      try scratch.write("\(kind).json", #"{"apiVersion": "pcipass/v1", "kind": "\#(kind.rawValue)", "x": {"#)
      // Another writer may sort the keys.
      try scratch.write(
        "\(kind)-sorted.json", #"{"a": {}, "apiVersion": "pcipass/v1", "kind": "\#(kind.rawValue)"}"#)
    }
    let loader = load()
    #expect(loader.diagnostics.map(\.line) == [])
    #expect(names(loader) == ["a"])
    #expect(loader.documentCount == 1)
    // A file that is named must be a manifest.
    #expect(load("hostState-sorted.json").diagnostics.map(\.code) == ["bad-value"])
    #expect(load("hostState-sorted.json").diagnostics.first?.help?.contains("--state") == true)
  }

  @Test("in a folder lie beside no other JSON: such a file is an error that says why it was read")
  func otherJSON() throws {
    for text in [
      #"{"name": "site", "version": "1"}"#, "[1]", #"{"apiVersion": "v1", "kind": "Secret"}"#,
      #"{"apiVersion": "pcipass/v1", "kind": "Hots"}"#, #"{"apiVersion": "x/v1", "kind": "Plan"}"#, "{,}",
    ] {
      try scratch.write("other.json", text)
      let loader = load()
      #expect(loader.diagnostics.count == 1, "\(text)")
      #expect(loader.diagnostics.first?.help?.contains(".json") == true, "\(text)")
    }
    try scratch.write(
      "other.json", #"{"apiVersion": "pcipass/v1", "kind": "HostClass", "metadata": {"name": "a"}}"#)
    #expect(load().diagnostics.map(\.code) == ["missing-key"])
    #expect(load().diagnostics.first?.help == nil)
  }
}
