import Documents
import Testing

@testable import Manifests

@Suite("Malformed input")
struct MalformedTests {
  struct Input: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: @Sendable () -> [UInt8]

    init(_ description: String, _ text: @autoclosure @escaping @Sendable () -> [UInt8]) {
      testDescription = description
      self.text = text
    }

    init(_ description: String, text: @autoclosure @escaping @Sendable () -> String) {
      self.init(description, Array(text().utf8))
    }
  }

  static let good = host(nic: "{name: lan, select: {address: '0000:03:00.0'}}")

  static let inputs: [(Input, String)] = [
    (Input("truncated", Array(good.utf8.dropLast(10))), "yaml-syntax"),
    (Input("truncated within a character", Array(good.utf8) + [0xE2, 0x82]), "yaml-encoding"),
    (Input("binary", [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0, 0, 0]), "yaml-encoding"),
    (Input("random bytes", (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 166 &+ 200) }), "yaml-encoding"),
    (Input("10 MB of [", Array(repeating: UInt8(ascii: "["), count: 10 << 20)), "limit"),
    (Input("10 MB of {a: ", text: String(repeating: "{a: ", count: 5 << 19)), "limit"),
    (Input("10 MB of zeroes", Array(repeating: 0, count: 10 << 20)), "yaml-encoding"),
    (
      Input(
        "an alias bomb",
        text: "a0: &a0 [x, x]\n" + (1..<40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined()),
      "limit"
    ),
    (
      Input("a duplicate key", text: good.replacing("kind: Host", with: "kind: Host, kind: Host")),
      "duplicate-key"
    ),
    (Input("a wrong type", text: good.replacing("'0000:03:00.0'", with: "[]")), "wrong-type"),
    (Input("an unknown key", text: good.replacing("address", with: "adress")), "unknown-key"),
    (Input("Latin-1", Array(good.utf8) + Array(" # gr".utf8) + [0xFC, 0xDF, 0x65]), "yaml-encoding"),
    (Input("UTF-16", [0xFF, 0xFE] + good.utf8.flatMap { [$0, 0] }), "yaml-encoding"),
    (Input("a list of manifests", text: "- " + good), "wrong-type"),
    (Input("HTML", text: "<!DOCTYPE html>\n<html><body>404</body></html>\n"), "wrong-type"),
    (Input("XML", text: "<domain type='kvm'>\n  <name>web</name>\n</domain>\n"), "wrong-type"),
    (Input("a template not rendered", text: "{{- if .Values.x }}\n" + good), "yaml-syntax"),
    (Input("a merge conflict", text: "<<<<<<< HEAD\n\(good)\n=======\n"), "wrong-type"),
    (
      Input("a Secret of Kubernetes", text: "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\n"),
      "bad-value"
    ),
  ]

  @Test(
    "gives an error with its location, within a minute", .timeLimit(.minutes(1)), arguments: inputs)
  func malformed(input: Input, code: String) {
    let found = errors(in: input.text())
    #expect(found.map(\.code).contains(code), "\(found.map(\.line))")
    #expect(found.allSatisfy { $0.location != nil })
  }

  @Test("gives an error at whichever byte a manifest is cut off")
  func truncated() {
    let bytes = Array(Self.good.utf8)
    for end in 1..<bytes.count { #expect(!errors(in: Array(bytes[..<end])).isEmpty) }
  }

  private func errors(in text: [UInt8]) -> [Diagnostic] {
    var loader = Loader()
    loader.read(Source(name: "t.yaml", text: text))
    return loader.diagnostics
  }
}
