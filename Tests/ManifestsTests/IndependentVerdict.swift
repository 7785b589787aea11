import Documents
import Foundation
import HostModel
import TestSupport
import Testing

@testable import Manifests

/// A document and the diagnostics of pcipass for it.
struct Judged {
  let name: String
  let text: String
  /// The errors in the document; empty if pcipass accepts it.
  let diagnostics: [Diagnostic]

  var isValid: Bool { diagnostics.isEmpty }

  init(manifest text: String, name: String) {
    self.name = name
    self.text = text
    var found: [Diagnostic] = []
    let source = Source(name: name, text: text)
    let nodes = YAMLReader.documents(of: source, diagnostics: &found)
    if found.isEmpty, nodes.count != 1 {
      found = [Diagnostic(code: "documents", "\(nodes.count) documents instead of one")]
    } else if found.isEmpty {
      var decoding = Decoding(source: source)
      let manifest = Manifest.decode(nodes[0], &decoding)
      found = decoding.diagnostics
      #expect((manifest == nil) == !found.isEmpty, "a verdict without a reason, or against it: \(text)")
    }
    diagnostics = found
  }

  init(state text: String, name: String) {
    self.name = name
    self.text = text
    let source = Source(name: name, text: text)
    do {
      _ = try HostState.form.value(of: JSONReader.document(of: source), from: source)
      diagnostics = []
    } catch {
      diagnostics = error.all
    }
  }

  /// A schema sees a number, not its spelling, and ids are hexadecimal: 65535 and 0xFFFF are the
  /// same to a schema, but only the second is an id to pcipass.
  var differsByDesign: Bool {
    !diagnostics.isEmpty
      && diagnostics.allSatisfy {
        $0.code == "bad-value" && $0.message.contains(/"(0x0+[0-9a-fA-F]+|[1-6][0-9]{4}(\.0*)?)"/)
      }
  }
}

/// The folder with the corpus and the Python validator.
let differentialFolder = projectFolder.appending(path: "Tests/Differential")

/// Expects the same verdict on each document from Python's YAML reader and JSON Schema validator.
func expectSameVerdict(_ documents: [Judged], at location: Testing.SourceLocation = #_sourceLocation) throws {
  let verdicts = try independentVerdicts(documents)
  try #require(verdicts.count == documents.count, sourceLocation: location)
  var disagreements: [String] = []
  for document in documents {
    let verdict = verdicts[document.name]
    if verdict?.isValid == document.isValid { continue }
    if verdict?.isValid == true, document.differsByDesign { continue }
    let ours = document.isValid ? "valid" : document.diagnostics.map(\.line).joined(separator: "; ")
    disagreements.append(
      "\(document.name)\n  pcipass: \(ours)\n  schema:  \(verdict?.why ?? "-")\n  \(document.text.prefix(2000))"
    )
  }
  let shown = disagreements.prefix(20).joined(separator: "\n")
  #expect(
    disagreements.isEmpty, "\(disagreements.count) of \(documents.count) disagree:\n\(shown)",
    sourceLocation: location)
}

private func independentVerdicts(_ documents: [Judged]) throws -> [String: (isValid: Bool, why: String)] {
  let scratch = try Scratch()
  let schemas = [
    ("Host", HostManifest.form.schema), ("Guest", GuestManifest.form.schema),
    ("HostClass", HostClassManifest.form.schema),
    ("HostState", HostState.form.schema),
  ]
  for (kind, schema) in schemas {
    let document = schema.document(id: "https://pcipass.example/\(kind).json", title: kind)
    try scratch.write("schemas/\(kind).json", document.text)
  }
  for document in documents { try scratch.write("documents/\(document.name)", document.text) }
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/python3")
  process.arguments = [differentialFolder.appending(path: "verdict.py").path, scratch.path]
  let output = Pipe()
  process.standardOutput = output
  try process.run()
  let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  try #require(
    process.terminationStatus == 0, "verdict.py failed; it needs python3-yaml and python3-jsonschema")
  var verdicts: [String: (isValid: Bool, why: String)] = [:]
  for line in lines.split(separator: "\n") {
    let fields = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    verdicts[fields[0]] = (fields[1] == "valid", fields[1] == "valid" ? "valid" : fields[2])
  }
  return verdicts
}
