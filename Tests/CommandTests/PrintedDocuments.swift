import Documents
import Foundation
import TestSupport
import Testing

@testable import pcipass

/// The JSON documents of commands on simulated hosts and snapshots.
struct PrintedDocuments {
  private(set) var all: [String] = []
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  var kinds: [String] {
    all.compactMap { $0.firstMatch(of: /"kind": "([A-Za-z]+)"/).map { String($0.output.1) } }
  }

  private mutating func add(_ words: String...) throws {
    let result = try Pcipass.run(words)
    try #require(result.output.hasPrefix("{"), "\(words): \(result.error)")
    all.append(result.output)
  }

  /// Adds the documents in the folder `Golden` whose kind has a schema.
  mutating func addGoldens() throws {
    let goldens = projectFolder.appending(path: "Tests/CommandTests/Golden")
    for name in try FileManager.default.contentsOfDirectory(atPath: goldens.path).sorted()
    where name.hasSuffix(".json") {
      let text = try String(contentsOf: goldens.appending(path: name), encoding: .utf8)
      if let kind = text.firstMatch(of: /"kind": "([A-Za-z]+)"/), try schemas()[String(kind.output.1)] != nil
      {
        all.append(text)
      }
    }
  }

  mutating func addViews(ofSnapshot name: String) throws {
    let capture = "manifests/captures/\(name).json"
    let damaged = folder.path("\(name)-unknown.json")
    let text = try String(contentsOf: Pcipass.root.appending(path: capture), encoding: .utf8)
    try text.write(toFile: damaged, atomically: false, encoding: .utf8)
    try change(damaged) { $0["libvirt"] = ["unavailable": "no libvirtd"] }
    for state in [capture, damaged] {
      try add("status", "manifests", "--state", state, "--format", "json")
      try add("devices", "--all", "--state", state, "--format", "json")
      try add("devices", "manifests", "--state", state, "--format", "json")
      try add("doctor", "--state", state, "--format", "json")
      try add("plan", "manifests", "--state", state, "--format", "json")
      let list = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      for function in list?["functions"] as? [[String: Any]] ?? [] {
        guard let address = function["address"] as? String, function["interfaces"] != nil else { continue }
        try add("explain", address, "manifests", "--state", state, "--format", "json")
      }
    }
  }

  mutating func addPlanList() throws {
    try add("plan", "manifests", "--state", "manifests/captures", "--format", "json")
  }

  mutating func addStatusLists() throws {
    try add("status", "manifests", "--state", "manifests/captures", "--format", "json")
    // No host has a snapshot there.
    try add("status", "manifests", "--state", "manifests", "--format", "json")
  }

  /// Adds the documents that are printed before, during and after applies, and after an
  /// interruption.
  mutating func addRuns() throws {
    let host = try folder.simulated("hv01")
    try addViews(of: host)
    try add("apply", "manifests", "--yes", "--simulate", host, "--format", "json")
    try addViews(of: host)
    try add("apply", "manifests", "--yes", "--simulate", host, "--format", "json")
    try add("rollback", "--yes", "--simulate", host, "--format", "json")
    try addViews(of: host)
    try add(
      "apply", "manifests", "--yes", "--confirm-within", "1m", "--revision", "v1", "--simulate", host,
      "--format",
      "json")
    try addViews(of: host)
    try add("confirm", "--simulate", host, "--format", "json")
    try add("confirm", "--simulate", host, "--format", "json")
    try add("validate", "manifests", "--format", "json")
    try add("validate", "Tests/CommandTests/Invalid", "--format", "json")
    try add("plan", "Tests/CommandTests/Invalid", "--simulate", host, "--format", "json")
    try change(host) { state in
      state["libvirt"] = (state["libvirt"] as? [[String: Any]] ?? []).map { guest in
        guest["live"] == nil ? guest : guest.merging(["live": [String]()]) { $1 }
      }
    }
    try addViews(of: host)
    let other = try TemporaryFolder()
    let interrupted = try other.simulated("hv01")
    try withFault(at: "attach/winxp/lan/live", "killed", writes: 1, on: interrupted) { () throws in
      _ = try Pcipass.run("apply", "manifests", "--yes", "--simulate", interrupted)
    }
    try addViews(of: interrupted)
    try add("apply", "manifests", "--yes", "--simulate", interrupted, "--format", "json")
    try withFault(at: "undo/bind/0000:03:00.0", "busy", on: interrupted) { () throws in
      try add("recover", "--yes", "--simulate", interrupted, "--format", "json")
    }
    try addViews(of: interrupted)
    let blocked = try TemporaryFolder()
    let used = try blocked.simulated("hv01")
    try change(used) { state in
      state["functions"] = (state["functions"] as? [[String: Any]] ?? []).map { function in
        var function = function
        if function["address"] as? String == "0000:02:00.0" { function["driver"] = "uio_pci_generic" }
        return function
      }
    }
    try addViews(of: used)
    try add("apply", "manifests", "--yes", "--simulate", used, "--format", "json")
  }

  private mutating func addViews(of host: String) throws {
    try add("status", "manifests", "--simulate", host, "--format", "json")
    try add("plan", "manifests", "--simulate", host, "--format", "json")
    for name in ["nic/lan", "guest/winxp", "guest/web"] {
      try add("explain", name, "manifests", "--simulate", host, "--format", "json")
    }
    try add("devices", "manifests", "--simulate", host, "--format", "json")
    try add("snapshot", "--simulate", host)
    let history = try Pcipass.run("history", "--simulate", host, "--format", "json").output
    all.append(history)
    for run in history.matches(of: /"id": ([0-9]+)/) {
      try add("show", String(run.output.1), "--simulate", host, "--format", "json")
    }
  }

  /// Returns the schemas, by the kind of their document.
  private func schemas() throws -> [String: String] {
    try SchemaCommand.SchemaName.allCases.reduce(into: [:]) { result, name in
      let text = name.document.text
      let kind = try #require(text.firstMatch(of: /"kind": \{\s*"const": "([A-Za-z]+)"/))
      result[String(kind.output.1)] = text
    }
  }

  func verdicts() throws -> Pcipass.Result {
    let documents = Dictionary(all.enumerated().map { ("\($0.offset).json", $0.element) }) { one, _ in one }
    return try independentVerdicts(try schemas(), documents: documents, in: folder)
  }
}
