import Foundation
import FuzzedReaders
import TestSupport
import Testing

/// The inputs that the fuzzer starts with, and those that once broke a reader (Tests/Fuzz).
@Suite("Seeds and found inputs")
struct FuzzedInputTests {
  private static let folder = projectFolder.appending(path: "Tests/Fuzz")

  @Test(
    "neither crash nor hang a reader, and break none of its invariants", .timeLimit(.minutes(1)),
    arguments: FuzzedReader.allCases)
  func replay(reader: FuzzedReader) throws {
    let seeds = try Self.inputs("seeds", reader)
    #expect(!seeds.isEmpty)
    for input in try seeds + Self.inputs("found", reader) {
      let bytes = Array(try Data(contentsOf: input))
      #expect(throws: Never.self, Comment(rawValue: input.lastPathComponent)) { try reader.check(bytes) }
    }
  }

  private static func inputs(_ kind: String, _ reader: FuzzedReader) throws -> [URL] {
    let url = folder.appending(path: "\(kind)/\(reader.rawValue)")
    // Git keeps no empty folders, and some readers were never broken.
    guard FileManager.default.fileExists(atPath: url.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
      .sorted { $0.path < $1.path }
  }
}
