import Documents
import Files
import Foundation
import TestSupport
import Testing

@Suite("Hostile names")
struct HostileNamesTests {
  @Test("are printed without control or invisible characters", arguments: HostileNames.all)
  func printed(name: String) {
    let shown = printable(name)
    #expect(
      HostileNames.invisibleCharacters(in: shown) == [] && !shown.contains("\n") && !shown.contains("\t"))
    #expect(printable(shown) == shown)
    #expect(
      HostileNames.invisibleCharacters(in: quotedExcerpt(name)) == HostileNames.invisibleCharacters(in: name)
        || name.count > 57)
  }

  @Test("are quoted as one shell word that is not an option")
  func words() throws {
    let names = HostileNames.all.filter { !$0.utf8.contains(0) }
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "printf '%s\\0' " + names.map(shellWord).joined(separator: " ")]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let words = output.fileHandleForReading.readDataToEndOfFile().split(
      separator: 0, omittingEmptySubsequences: false)
    #expect(
      words.dropLast().map(Array.init) == names.map { Array(($0.hasPrefix("-") ? "./" + $0 : $0).utf8) })
  }

  @Test("have exactly the characters escaped that Unicode calls invisible")
  func allOfUnicode() {
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value), scalar != "\n", scalar != "\t" else { continue }
      let isInvisible = !HostileNames.invisibleCharacters(in: String(scalar)).isEmpty
      // Unicode does not call interlinear annotations invisible, but no terminal shows them.
      if (0xFFF9...0xFFFB).contains(value) { continue }
      if scalar.isInvisible != isInvisible { Issue.record("U+\(String(value, radix: 16))") }
    }
  }

  @Test("are written to JSON on one line and read again unchanged", arguments: HostileNames.all)
  func json(name: String) throws {
    let json = JSON.object([
      JSON.Member(name, .string(name)), JSON.Member("\(name)x", .array([.string(name)])),
    ])
    for text in [json.line, json.text] {
      // Characters above U+FFFF are not escaped: JSON and YAML have no common escape for them.
      #expect(
        HostileNames.invisibleCharacters(in: text).allSatisfy { $0.value > 0xFFFF } && !text.contains("\t"))
      let node = try JSONReader.document(of: Source(name: "t.json", text: text))
      guard case .scalar(let scalar)? = node[name]?.content else {
        Issue.record("\(text) has no such key")
        continue
      }
      #expect(Array(scalar.text.utf8) == Array(name.utf8))
    }
    #expect(!json.line.contains("\n"))
  }

  @Test(
    "that are not valid UTF-8 are refused by the JSON, YAML and XML readers",
    arguments: HostileNames.invalidUTF8)
  func invalidUTF8(bytes: [UInt8]) throws {
    let quoted = Source(name: "t", text: Array("\"a".utf8) + bytes + Array("\"".utf8))
    let refused = try #require(throws: Diagnostics.self) { try JSONReader.document(of: quoted) }
    #expect(HostileNames.invisibleCharacters(in: printable(refused.message)) == [])
    var diagnostics: [Diagnostic] = []
    #expect(YAMLReader.documents(of: quoted, diagnostics: &diagnostics).isEmpty && diagnostics.count == 1)
    let document = Source(name: "t", text: Array("<a b='".utf8) + bytes + Array("'/>".utf8))
    #expect(throws: Diagnostics.self) { try XMLReader.document(of: document) }
  }

  @Test("written with invalid JSON escapes are refused", arguments: HostileNames.invalidJSONStrings)
  func invalidJSONStrings(text: String) {
    #expect(throws: Diagnostics.self) { try JSONReader.document(of: Source(name: "t.json", text: text)) }
    #expect(throws: Diagnostics.self) {
      try JSONReader.document(of: Source(name: "t.json", text: "{\(text): 1}"))
    }
  }

  @Test(
    "are escaped in XML and read again unchanged, or refused where XML cannot hold them",
    arguments: HostileNames.all)
  func xmlText(name: String) throws {
    let isHeld = name.unicodeScalars.allSatisfy {
      $0.value >= 0x20 && $0.value & 0xFFFE != 0xFFFE || ["\t", "\n", "\r"].contains($0) || $0.value > 0xFFFF
    }
    guard let value = xmlEscaped(name, for: .attribute), let data = xmlEscaped(name, for: .characterData)
    else {
      #expect(!isHeld)
      return
    }
    #expect(isHeld)
    for quote in ["'", "\""] {
      let root = try xml("<a b=\(quote)\(value)\(quote)>\(data)</a>")
      #expect(root.attributes.count == 1 && root.elements.isEmpty)
      #expect(root[attribute: "b"].map { Array($0.utf8) } == Array(name.utf8))
      #expect(Array(root.text.utf8) == Array(name.utf8))
    }
  }
}
