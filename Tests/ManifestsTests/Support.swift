import Documents
import Foundation
import HostModel
import Testing

@testable import Manifests

/// The manifests of a text that must be right.
func fleet(_ text: String, at location: Testing.SourceLocation = #_sourceLocation) -> Fleet {
  var loader = Loader()
  loader.read(Source(name: "t.yaml", text: text))
  #expect(loader.diagnostics.map(\.line) == [], sourceLocation: location)
  return loader.fleet
}

/// Everything that is wrong with a text, as `LINE:COLUMN CODE MESSAGE`.
func problems(of text: String) -> [Diagnostic] {
  var loader = Loader()
  loader.read(Source(name: "t.yaml", text: text))
  return loader.diagnostics + FleetCheck.diagnostics(of: loader.fleet)
}

extension Diagnostic {
  /// `LINE:COLUMN code`, and the second place where there is one.
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

/// What a host's `nics` are when one of them is what is given.
func host(nic: String) -> String {
  "{apiVersion: pcipass/v1, kind: Host, metadata: {name: hv01}, spec: {nics: [\(nic)]}}"
}

func guest(nic: String) -> String {
  "{apiVersion: pcipass/v1, kind: Guest, metadata: {name: web}, spec: {host: hv01, nics: [\(nic)]}}"
}

/// A folder that is gone after the test.
final class Scratch {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "pcipass-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of an entry; folders on the way are made.
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
