import Documents
import Foundation
import HostModel
import Testing

@testable import Manifests

/// The manifests of a text that must be right.
func fleet(_ text: String, at location: SourceLocation = #_sourceLocation) -> Fleet {
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
    func position(_ place: Place?) -> String { place.map { "\($0.line):\($0.column)" } ?? "-" }
    return position(place) + " " + code + (related.map { " " + position($0) } ?? "")
  }

  /// `FILE:LINE:COLUMN: message (help)`
  var line: String {
    (place.map { "\($0): " } ?? "") + message + (help.map { " (\($0))" } ?? "")
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

/// Random numbers that are the same in every run (SplitMix64).
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
