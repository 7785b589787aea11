import Documents
import Foundation
import HostModel
import Testing

@testable import Manifests

/// The decoder and the schema come from one declaration. These tests compare them by means of a
/// YAML reader and a validator that share no code with pcipass.
@Suite("The decoder and the JSON Schema agree")
struct DifferentialTests {
  @Test(
    "on every manifest written by hand, and accept only those in the folder good",
    arguments: ["good", "bad"])
  func corpus(folder: String) throws {
    let documents = try Self.corpus(folder).map { Judged(manifest: $0.text, name: $0.name) }
    for document in documents {
      #expect(
        document.isValid == (folder == "good"), "\(document.name): \(document.diagnostics.map(\.line))")
    }
    try expectSameVerdict(documents)
  }

  @Test("on thousands of damaged manifests")
  func manifests() throws {
    let good = try Self.corpus("good").map { Tree(try Self.tree(of: $0.text)) }
    let complete = try Self.corpus("good").filter { $0.name.hasPrefix("complete") }
      .map { Tree(try Self.tree(of: $0.text)) }
    var generator = Generator(seed: 7)
    let made = (0..<60).flatMap { _ in
      [
        HostManifest.form.encode(generator.hostManifest()),
        HostClassManifest.form.encode(generator.hostClassManifest()),
        GuestManifest.form.encode(generator.guestManifest()),
      ]
    }
    let madeTrees = try made.map { Tree(try Self.tree(of: $0.line)) }
    var mutator = Mutator(seed: 8, material: good)
    var trees = complete.flatMap(Mutator.everyScalarReplaced)
    trees += good.flatMap(Mutator.everyPlaceDamaged)
    trees += madeTrees
    trees += (0..<2500).map { mutator.mutated((good + madeTrees)[$0 % (good.count + madeTrees.count)]) }
    let documents = trees.enumerated().map { index, tree in
      Judged(manifest: index % 2 == 0 ? tree.block : tree.flow, name: "\(index).yaml")
    }
    let valid = documents.count(where: \.isValid)
    #expect(documents.count > 5000 && valid > 500, "\(valid) of \(documents.count) are valid")
    try expectSameVerdict(documents)
  }

  @Test("on thousands of damaged host states")
  func states() throws {
    var generator = Generator(seed: 9)
    let made = (0..<60).map { _ in HostState.form.encode(generator.hostState()) }
    let trees = try made.map { json in
      Tree(try JSONReader.document(of: Source(name: "t.json", text: json.line)))
    }
    var mutator = Mutator(seed: 10, material: trees)
    let mutated = (0..<3000).map { mutator.mutated(trees[$0 % trees.count]) }
    let smallest = trees.min { $0.paths.count < $1.paths.count }!
    let documents = (trees + mutated + Mutator.everyPlaceDamaged(in: smallest)).enumerated().map {
      index, tree in
      Judged(state: tree.flow, name: "\(index).json")
    }
    let valid = documents.count(where: \.isValid)
    #expect(documents.count > 3000 && valid > 300, "\(valid) of \(documents.count) are valid")
    try expectSameVerdict(documents)
  }

  private static func corpus(_ folder: String) throws -> [(name: String, text: String)] {
    let url = differentialFolder.appending(path: "corpus/\(folder)")
    let names = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    return try names.map { ($0, try String(contentsOf: url.appending(path: $0), encoding: .utf8)) }
  }

  private static func tree(of text: String) throws -> Node {
    var diagnostics: [Diagnostic] = []
    let nodes = YAMLReader.documents(of: Source(name: "t.yaml", text: text), diagnostics: &diagnostics)
    return try #require(nodes.first, "\(diagnostics.map(\.line)) \(text)")
  }
}
