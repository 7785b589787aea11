import Documents
import Foundation
import TestSupport
import Testing

func xml(_ text: String) throws(Diagnostics) -> XMLElement {
  try XMLReader.document(of: Source(name: "t.xml", text: text))
}

/// Returns the root element of a file in any encoding.
func xml(_ bytes: [UInt8]) throws(Diagnostics) -> XMLElement {
  try XMLReader.document(of: try XMLText(bytes, name: "t.xml").source)
}

/// Returns the first error of an XML text, which must be invalid.
func xmlRefusal(
  of text: [UInt8], limits: Limits = Limits(), at location: Testing.SourceLocation = #_sourceLocation
) throws -> Diagnostic {
  var refusal: Diagnostic?
  do {
    _ = try XMLReader.document(of: try XMLText(text, name: "t.xml").source, limits: limits)
  } catch {
    refusal = error.all.first
  }
  return try #require(refusal, "nothing was found wrong", sourceLocation: location)
}

func xmlRefusal(
  of text: String, limits: Limits = Limits(), at location: Testing.SourceLocation = #_sourceLocation
) throws -> Diagnostic {
  try xmlRefusal(of: Array(text.utf8), limits: limits, at: location)
}

extension XMLElement {
  /// The tree on one line: `name attribute=value "text" [elements]`.
  var outline: String {
    let attributes = attributes.map { " \($0.name)=\($0.value)" }.joined()
    let elements = elements.map(\.outline).joined(separator: ", ")
    return name + attributes + (text.isEmpty ? "" : " \"\(text)\"")
      + (elements.isEmpty ? "" : " [\(elements)]")
  }

  /// The element and all its descendants.
  var all: [XMLElement] { [self] + elements.flatMap(\.all) }
}

/// XML documents as people, libvirt and other programs write them, in many encodings.
enum XMLCorpus {
  static let folder = projectFolder.appending(path: "Tests/Differential")

  static func written() throws -> [(name: String, bytes: [UInt8])] {
    try documents(in: folder.appending(path: "xml"))
  }

  /// The files that libvirt itself reads and writes, from its packages.
  static func libvirts() throws -> [(name: String, bytes: [UInt8])] {
    try ["cpu_map", "api"].flatMap { try documents(in: URL(filePath: "/usr/share/libvirt/\($0)")) }
  }

  private static func documents(in folder: URL) throws -> [(name: String, bytes: [UInt8])] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".xml") }.sorted()
      .map { ($0, Array(try Data(contentsOf: folder.appending(path: $0)))) }
  }
}
