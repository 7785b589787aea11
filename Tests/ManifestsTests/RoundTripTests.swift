import Documents
import HostModel
import Testing

@testable import Manifests

@Suite("Encoding and decoding give an equal value")
struct RoundTripTests {
  @Test("for a Host", arguments: 1...10 as ClosedRange<UInt64>)
  func hosts(seed: UInt64) throws {
    try check(HostManifest.form, seed: seed) { $0.hostManifest() }
  }

  @Test("for a HostClass", arguments: 1...10 as ClosedRange<UInt64>)
  func classes(seed: UInt64) throws {
    try check(HostClassManifest.form, seed: seed) { $0.hostClassManifest() }
  }

  @Test("for a Guest", arguments: 1...10 as ClosedRange<UInt64>)
  func guests(seed: UInt64) throws {
    try check(GuestManifest.form, seed: seed) { $0.guestManifest() }
  }

  @Test("for a HostState", arguments: 1...10 as ClosedRange<UInt64>)
  func states(seed: UInt64) throws {
    try check(HostState.form, seed: seed) { $0.hostState() }
  }

  /// Encodes as JSON on many lines and on one line, and decodes either text as JSON and as YAML.
  private func check<Value: Equatable>(
    _ form: Form<Value>, seed: UInt64, _ make: (inout Generator) -> Value
  ) throws {
    var generator = Generator(seed: seed)
    for _ in 0..<50 {
      let value = make(&generator)
      let encoded = form.encode(value)
      for text in [encoded.text, encoded.line] {
        let source = Source(name: "t", text: text)
        #expect(try form.value(of: JSONReader.document(of: source), from: source) == value)
        var diagnostics: [Diagnostic] = []
        let nodes = YAMLReader.documents(of: source, diagnostics: &diagnostics)
        try #require(nodes.count == 1, "\(diagnostics.map(\.line)) \(text)")
        #expect(try form.value(of: nodes[0], from: source) == value)
      }
    }
  }
}
