import Documents
import Foundation
import TestSupport
import Testing

@testable import pcipass

@Suite("pcipass schema")
struct SchemaCommandTests {
  @Test("prints the content of the files in schemas/", arguments: SchemaCommand.SchemaName.allCases)
  func files(name: SchemaCommand.SchemaName) throws {
    let result = try Pcipass.run("schema", name.rawValue)
    #expect(result.status == 0)
    let file = Pcipass.root.appending(path: "schemas/\(name.rawValue).schema.json")
    #expect(try String(contentsOf: file, encoding: .utf8) == result.output, "`make schemas` writes it")
  }

  @Test("prints schemas by which every printed document is valid, in Python and in RE2")
  func outputs() throws {
    var printed = try PrintedDocuments()
    try printed.addGoldens()
    for capture in ["hv01", "hv02", "hv03"] { try printed.addViews(ofSnapshot: capture) }
    try printed.addPlanList()
    try printed.addStatusLists()
    try printed.addRuns()
    let kinds = Set(printed.kinds)
    #expect(
      kinds.isSuperset(of: [
        "HostState", "Plan", "PlanList", "Status", "StatusList", "DeviceList", "Diagnosis", "Explanation",
        "History", "Run",
        "Validation", "Failure",
      ]))
    let verdicts = try printed.verdicts()
    #expect(verdicts.status == 0, "\(verdicts.error)")
    let lines = verdicts.output.split(separator: "\n")
    #expect(lines.count == printed.kinds.count && lines.count > 40)
    #expect(lines.filter { !$0.contains("\tvalid\t") } == [])
    // The documents cover each state of a status and each result of an apply.
    for value in [
      #""state": "in-sync""#, #""state": "drifted""#, #""state": "blocked""#, #""state": "unknown""#,
      #""open": 1"#, #""awaitsConfirmation": 3"#, #""until": "2"#, #""state": "in-use""#,
      #""state": "reserved""#, #""state": "available""#, #""state": "not-in-effect""#,
    ] { #expect(printed.all.contains { $0.contains(value) }, "no document has \(value)") }
    #expect(!printed.all.contains { $0.contains(": null") })
  }

  @Test(
    "is tested by a script that refuses patterns outside RE2 and an $id without a host",
    arguments: [
      ("\"^pcipass$\"", nil), ("\"^(?!pcipass$)\"", "RE2"), ("\"^(a)\\\\1$\"", "RE2"),
      ("\"^[\\\\u0000-\\\\u001f]\"", "RE2"), ("\"^a{0,65536}$\"", "RE2"),
    ])
  func broken(pattern: String, reason: String?) throws {
    let schema = "{\"$id\": \"https://pcipass.dev/a\", \"items\": {\"pattern\": \(pattern)}}"
    let folder = try TemporaryFolder()
    let verdicts = try independentVerdicts(["List": schema], documents: [:], in: folder)
    #expect((verdicts.status == 0) == (reason == nil), "\(verdicts.error)")
    if let reason { #expect(verdicts.error.contains(reason)) }
    let relative = schema.replacing("https://pcipass.dev/a", with: "urn:pcipass:a")
    #expect(try independentVerdicts(["List": relative], documents: [:], in: folder).status != 0)
  }
}

/// Returns the verdicts of Tests/Differential/verdict.py on the documents.
func independentVerdicts(
  _ schemas: [String: String], documents: [String: String], in folder: TemporaryFolder
) throws -> Pcipass.Result {
  for name in ["schemas", "documents"] {
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: name), withIntermediateDirectories: true)
  }
  for (kind, schema) in schemas { try folder.write(schema, to: "schemas/\(kind).json") }
  for (name, document) in documents { try folder.write(document, to: "documents/\(name)") }
  let script = projectFolder.appending(path: "Tests/Differential/verdict.py")
  return try Pcipass.run([script.path, folder.url.path], executable: URL(filePath: "/usr/bin/python3"))
}
