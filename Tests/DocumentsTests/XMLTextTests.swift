import Documents
import Foundation
import Testing

@Suite("The encoding of XML")
struct XMLTextTests {
  @Test func `every file reads as UTF-8 and is written again as it was`() throws {
    for document in try XMLCorpus.written() {
      let text = try XMLText(document.bytes, name: document.name)
      #expect(try text.encoded(text.source.text) == document.bytes, "\(document.name)")
    }
  }

  @Test(
    arguments: [
      ("ISO-8859-1", [0xFC]), ("iso-8859-15", [0xFC]), ("windows-1252", [0xFC]), ("KOI8-U", nil),
      ("UTF-8", [0xC3, 0xBC]),
      ("utf8", [0xC3, 0xBC]), ("CP437", [0x81]), ("GB18030", [0xA8, 0xB9]),
    ] as [(String, [UInt8]?)])
  func `an edit is written in the encoding of the file`(encoding: String, bytes: [UInt8]?) throws {
    let file = Array("<?xml version='1.0' encoding='\(encoding)'?><a>x</a>".utf8)
    let text = try XMLText(file, name: "t.xml")
    let root = try XMLReader.document(of: text.source)
    let inside = try #require(root.inside)
    let edited = try #require(XMLEdit.apply([XMLEdit(inside, "ü")], to: text.source.text))
    if let bytes {
      #expect(try text.encoded(edited) == file[..<inside.lowerBound] + bytes + file[inside.upperBound...])
    } else {
      #expect(throws: Diagnostic.self) { try text.encoded(edited) }
    }
  }

  @Test func `a character that the encoding lacks is named`() throws {
    for encoding in ["US-ASCII", "ISO-8859-1"] {
      let text = try XMLText(Array("<?xml version='1.0' encoding='\(encoding)'?>\n<a/>".utf8), name: "t.xml")
      let line: String?
      do {
        _ = try text.encoded(Array("<?xml version='1.0' encoding='\(encoding)'?>\n<a>€</a>".utf8))
        line = nil
      } catch {
        line = error.line
      }
      #expect(
        line
          == "t.xml:2:4: the encoding of the document has no such character (write it as a reference, &#NUMBER;)"
      )
    }
  }

  @Test func `UTF-16 keeps its byte order, and its mark if it has one`() throws {
    for (encoding, isMarked) in [
      (String.Encoding.utf16LittleEndian, true), (.utf16BigEndian, true), (.utf16BigEndian, false),
    ] {
      func bytes(_ text: String) throws -> [UInt8] {
        Array(try #require(((isMarked ? "\u{FEFF}" : "") + text).data(using: encoding)))
      }
      let text = try XMLText(bytes("<?xml version='1.0' encoding='UTF-16'?><a>😀</a>"), name: "t.xml")
      let root = try XMLReader.document(of: text.source)
      #expect(root.outline == "a \"😀\"")
      let inside = try #require(root.inside)
      let edited = try #require(XMLEdit.apply([XMLEdit(inside, "𝄞ü")], to: text.source.text))
      #expect(try text.encoded(edited) == bytes("<?xml version='1.0' encoding='UTF-16'?><a>𝄞ü</a>"))
    }
  }

  @Test(arguments: [
    ("encoding='UTF-16' ", "the document is not in the encoding that it names here"),
    ("encoding='UTF-32'", "this is not UTF-32"),
    ("encoding='IBM037'", "the document is not in the encoding that it names here"),
    ("encoding='nonsense'", "no encoding of this name is known"),
    ("encoding='UTF-7'", "this encoding cannot be edited byte by byte"),
    ("encoding='LATIN1//TRANSLIT'", "this is no encoding's name"),
    ("encoding=''", "this is no encoding's name"),
    ("encoding='\(String(repeating: "x", count: 41))'", "this encoding cannot be edited byte by byte"),
    ("encoding='ISO-2022-JP'?><?\u{1B}", "this encoding cannot be edited byte by byte"),
    ("encoding='US-ASCII'?><?é", "this is not US-ASCII"),
    ("encoding='EUC-JP'?><?\u{10FFFF}", "this is not EUC-JP"),
  ])
  func `an encoding that is not what it says is refused`(declared: String, message: String) throws {
    #expect(try xmlRefusal(of: "<?xml version='1.0' \(declared)?><a/>").message == message)
  }

  @Test func `marks, declarations and bytes must agree`() throws {
    let latin = "<?xml version='1.0' encoding='ISO-8859-1'?><a/>"
    #expect(
      try xmlRefusal(of: "\u{FEFF}" + latin).line.hasPrefix("t.xml:1:31: the byte order mark says UTF-8"))
    let utf16 = try [UInt8](#require(("\u{FEFF}" + latin).data(using: .utf16LittleEndian)))
    #expect(
      try xmlRefusal(of: utf16).line == "t.xml:1:31: the document is UTF-16LE, and this says something else")
    let half: [UInt8] = [0xFF, 0xFE, 0x3C, 0, 0x61, 0, 0x2F, 0, 0, 0xD8, 0x3E, 0]
    #expect(try xmlRefusal(of: half).message == "this is not UTF-16LE")
    #expect(try xmlRefusal(of: half.dropLast(3)).message == "this is not UTF-16LE")
  }
}
