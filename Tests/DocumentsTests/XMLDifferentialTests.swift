import Documents
import Foundation
import TestSupport
import Testing

/// Compares the results of the XML reader with those of expat.
@Suite("XML compared with expat")
struct XMLDifferentialTests {
  @Test func `libvirt's own files are read as expat reads them`() throws {
    let documents = try XMLCorpus.libvirts()
    #expect(documents.count >= 50, "libvirt0 and libvirt-dev have more")
    try expectSame(documents.map(\.bytes))
  }

  @Test func `documents as people write them are read as expat reads them`() throws {
    let documents = try XMLCorpus.written()
    for document in documents {
      #expect(throws: Never.self, "\(document.name)") { _ = try xml(document.bytes) }
    }
    try expectSame(documents.map(\.bytes))
  }

  @Test func `damaged documents are refused, or read, as expat does`() throws {
    var dice = Dice(seed: 11)
    let documents = try XMLCorpus.written().map(\.bytes)
    let mutants = (0..<4000 * soak).map { number in
      var mutant = XMLMutant(documents[number % documents.count])
      for _ in 0...Int.random(in: 0..<3, using: &dice) { mutant.damage(&dice) }
      return mutant.bytes
    }
    let accepted = try expectSame(mutants)
    #expect((mutants.count / 10..<mutants.count * 9 / 10).contains(accepted), "one-sided mutants")
  }

  @Test func `hostile names are read as expat reads them`() throws {
    let documents = HostileNames.all.compactMap { name -> [UInt8]? in
      guard let value = xmlEscaped(name, for: .attribute), let data = xmlEscaped(name, for: .characterData)
      else { return nil }
      return Array("<a b='\(value)' c=\"\(value)\">\(data)<d/>\(data)</a>".utf8)
    }
    #expect(try expectSame(documents) == documents.count)
    // Unescaped, the names may not be well-formed XML.
    try expectSame(HostileNames.all.map { Array("<a b='\($0)'>\($0)</a>".utf8) })
    try expectSame(HostileNames.invalidUTF8.map { Array("<a b='".utf8) + $0 + Array("'/>".utf8) })
  }

  /// Expects pcipass and expat to agree on each document; returns how many pcipass accepts.
  @discardableResult
  private func expectSame(
    _ documents: [[UInt8]], at location: Testing.SourceLocation = #_sourceLocation
  ) throws -> Int {
    let theirs = try ExpatVerdict.all(of: documents)
    var disagreements: [String] = []
    var accepted = 0
    for (document, theirs) in zip(documents, theirs) {
      let ours = XMLVerdict(document)
      if ours.tree != nil { accepted += 1 }
      if ours.tree == theirs.tree || (ours.tree == nil ? ours.isStricter : ours.isWider(than: theirs)) {
        continue
      }
      disagreements.append(
        """
        pcipass: \(ours.tree ?? ours.refusal?.line ?? "-")
        expat:   \(theirs.tree ?? theirs.why)
        \(printable(String(decoding: document.prefix(2000), as: UTF8.self)))
        """)
    }
    let shown = disagreements.prefix(20).joined(separator: "\n")
    #expect(
      disagreements.isEmpty, "\(disagreements.count) of \(documents.count) disagree:\n\(shown)",
      sourceLocation: location)
    return accepted
  }
}

/// The result of pcipass for a document: its tree, or the error.
private struct XMLVerdict {
  var tree: String?
  var refusal: Diagnostic?
  private let document: [UInt8]
  private var text = ""

  init(_ document: [UInt8]) {
    self.document = document
    do {
      let source = try XMLText(document, name: "t.xml").source
      text = String(decoding: source.text, as: UTF8.self)
      tree = NamespacedLines(try XMLReader.document(of: source)).text
    } catch {
      refusal = error.all.first
    }
  }

  private var isOfUnknownEncoding: Bool {
    let ascii = String(decoding: document.filter { $0 != 0 }, as: UTF8.self)
    guard let name = ascii.firstMatch(of: /encoding\s*=\s*["']([^"']*)["']/)?.1 else { return false }
    guard let converter = iconv_open("UTF-8", String(name)), Int(bitPattern: converter) != -1 else {
      return true
    }
    iconv_close(converter)
    return false
  }

  /// Whether pcipass may refuse this document although expat accepts it.
  var isStricter: Bool {
    guard let refusal else { return false }
    switch refusal.code {
    // A libvirt domain needs no document type; its entities could name files or expand without
    // limit.
    case "xml-doctype": return true
    case "limit": return true
    case "xml-encoding":
      // expat accepts half of a UTF-16 surrogate pair, joined with the unit that follows.
      return refusal.message.contains("UTF-16")
        // Python accepts spellings that glibc does not, such as `us-ascii--`.
        || isOfUnknownEncoding
        // With a UTF-8 byte order mark, expat follows the declaration and libxml2 the mark.
        || document.starts(with: [0xEF, 0xBB, 0xBF])
    default:
      // expat accepts any version, and UTF-16 that has no byte order mark and does not start with
      // `<`.
      return refusal.help?.contains("\"1.0\"") ?? false
        || (refusal.message.contains("U+0000")
          && refusal.location.map { $0.line == 1 && $0.column <= 2 } ?? false)
    }
  }

  /// Whether pcipass may accept this document although expat refuses it.
  func isWider(than theirs: ExpatVerdict) -> Bool {
    guard theirs.tree == nil else { return false }
    // pcipass and libxml2 accept the names of XML's fifth edition, expat those of the fourth.
    return text.contains(/<[^>]*[^\u{0}-\u{FF}]/) && theirs.why.hasPrefix("not well-formed (invalid token)")
      // ElementTree writes a namespace in such braces.
      || text.contains("}") && theirs.why.hasPrefix("syntax error")
      // For encodings that expat does not know, Python provides only those of one byte a character.
      // Python treats `utf8` as one of them, with the characters of ASCII.
      || text.contains(/encoding\s*=\s*["'](?i:utf8)["']/)
      || theirs.why.hasPrefix("unknown encoding") || theirs.why.hasPrefix("multi-byte encodings")
  }
}

/// A tree in the notation of xml.py, with the namespace of each name.
private struct NamespacedLines {
  private(set) var text = ""

  init(_ root: XMLElement) {
    add(root, 0, ["xml": "http://www.w3.org/XML/1998/namespace"])
  }

  private mutating func add(_ element: XMLElement, _ depth: Int, _ outer: [String: String]) {
    var namespaces = outer
    for attribute in element.attributes {
      if attribute.name == "xmlns" { namespaces[""] = attribute.value }
      if attribute.name.hasPrefix("xmlns:") {
        namespaces[String(attribute.name.dropFirst(6))] = attribute.value
      }
    }
    func expanded(_ name: String, isElement: Bool) -> String {
      let parts = name.split(separator: ":")
      let prefix = parts.count == 2 ? String(parts[0]) : ""
      guard isElement || parts.count == 2, let namespace = namespaces[prefix], !namespace.isEmpty else {
        return name
      }
      return "{\(namespace)}\(parts[parts.count - 1])"
    }
    text += "\(depth) <\(expanded(element.name, isElement: true))\n"
    for attribute in element.attributes where attribute.name != "xmlns" && !attribute.name.hasPrefix("xmlns:")
    {
      text += "\(depth) @\(expanded(attribute.name, isElement: false))=\(escaped(attribute.value))\n"
    }
    text += "\(depth) \(escaped(element.text))\n"
    for element in element.elements { add(element, depth + 1, namespaces) }
  }

  private func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

private struct ExpatVerdict {
  let tree: String?
  let why: String

  /// Returns the verdicts on all documents, from one process.
  static func all(of documents: [[UInt8]]) throws -> [ExpatVerdict] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "pcipass-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let texts = folder.appending(path: "documents")
    try FileManager.default.createDirectory(at: texts, withIntermediateDirectories: true)
    for (number, document) in documents.enumerated() {
      try Data(document).write(to: texts.appending(path: "\(number)"))
    }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [XMLCorpus.folder.appending(path: "xml.py").path, folder.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "xml.py failed")
    var verdicts: [Int: ExpatVerdict] = [:]
    for line in lines.split(separator: "\n") {
      let fields = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false).map(
        String.init)
      let number = try #require(Int(fields[0]))
      let tree =
        fields[1] == "valid"
        ? String(decoding: try Data(contentsOf: folder.appending(path: "trees/\(number)")), as: UTF8.self)
        : nil
      verdicts[number] = ExpatVerdict(tree: tree, why: fields[2])
    }
    return try documents.indices.map { try #require(verdicts[$0]) }
  }
}
