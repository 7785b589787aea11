import Documents
import Foundation
import HostModel
import Testing

@testable import Manifests

/// Returns the manifests of a text, and expects the text to have no errors.
func fleet(_ text: String, at location: Testing.SourceLocation = #_sourceLocation) -> Fleet {
  var loader = Loader()
  loader.read(Source(name: "t.yaml", text: text))
  #expect(loader.diagnostics.map(\.line) == [], sourceLocation: location)
  return loader.fleet
}

/// Returns all errors of a text, including those of the fleet check.
func problems(of text: String) -> [Diagnostic] {
  Loader.load(Source(name: "t.yaml", text: text)).diagnostics
}

extension Diagnostic {
  /// `LINE:COLUMN code`, and the related location if there is one.
  var short: String {
    func position(_ location: Documents.SourceLocation?) -> String {
      location.map { "\($0.line):\($0.column)" } ?? "-"
    }
    return position(location) + " " + code + (related.map { " " + position($0) } ?? "")
  }

  /// `FILE:LINE:COLUMN: message (help)`
  var line: String {
    (location.map { "\($0): " } ?? "") + message + (help.map { " (\($0))" } ?? "")
  }
}

/// Returns the manifest of a host with these NICs.
func host(nic: String) -> String {
  "{apiVersion: pcipass/v1, kind: Host, metadata: {name: hv01}, spec: {nics: [\(nic)]}}"
}

func guest(nic: String) -> String {
  "{apiVersion: pcipass/v1, kind: Guest, metadata: {name: web}, spec: {host: hv01, nics: [\(nic)]}}"
}

extension HostManifest {
  /// The JSON of a Host without NICs.
  static func named(_ name: String) -> String {
    form.encode(HostManifest(metadata: Metadata(name: Located(name)), spec: Spec())).text
  }
}

/// A temporary folder that is removed after the test.
final class Scratch {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "pcipass-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Returns the path of an entry, and creates the folders above it.
  func entry(_ name: String) throws -> String {
    let full = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    return full
  }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(filePath: try entry(name)))
  }
}
