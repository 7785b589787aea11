import Documents
import Foundation
import TestSupport
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
    let contentRange = try #require(root.contentRange)
    let edited = try #require(XMLEdit.apply([XMLEdit(contentRange, "ü")], to: text.source.text))
    if let bytes {
      #expect(
        try text.encoded(edited) == file[..<contentRange.lowerBound] + bytes
          + file[contentRange.upperBound...])
    } else {
      #expect(throws: Diagnostics.self) { try text.encoded(edited) }
    }
  }

  @Test func `a character that the encoding lacks is named`() throws {
    for encoding in ["US-ASCII", "ISO-8859-1"] {
      let text = try XMLText(Array("<?xml version='1.0' encoding='\(encoding)'?>\n<a/>".utf8), name: "t.xml")
      let refusal: Diagnostic?
      do {
        _ = try text.encoded(Array("<?xml version='1.0' encoding='\(encoding)'?>\n<a>€</a>".utf8))
        refusal = nil
      } catch {
        refusal = error.all.first
      }
      #expect(refusal?.codeLine == "t.xml:2:4 xml-encoding")
      #expect(refusal?.help?.contains("&#") == true)
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
      let contentRange = try #require(root.contentRange)
      let edited = try #require(XMLEdit.apply([XMLEdit(contentRange, "𝄞ü")], to: text.source.text))
      #expect(try text.encoded(edited) == bytes("<?xml version='1.0' encoding='UTF-16'?><a>𝄞ü</a>"))
    }
  }

  @Test func `an encoding that is not what it says is refused`() throws {
    var words = ""
    for declared in [
      "encoding='UTF-16' ", "encoding='UTF-32'", "encoding='IBM037'", "encoding='nonsense'",
      "encoding='UTF-7'",
      "encoding='LATIN1//TRANSLIT'", "encoding=''", "encoding='\(String(repeating: "x", count: 41))'",
      "encoding='ISO-2022-JP'?><?\u{1B}", "encoding='US-ASCII'?><?é", "encoding='EUC-JP'?><?\u{10FFFF}",
    ] {
      let refusal = try xmlRefusal(of: "<?xml version='1.0' \(declared)?><a/>")
      let isName = !declared.contains("''") && !declared.contains("/")
      #expect(refusal.code == (isName ? "xml-encoding" : "xml-syntax"), "\(declared)")
      words += "\(printable(declared))\n  \(refusal.line)\n"
    }
    #expect(try words == golden("xml-encodings.txt", recording: words))
  }

  @Test func `marks, declarations and bytes must agree`() throws {
    let latin = "<?xml version='1.0' encoding='ISO-8859-1'?><a/>"
    #expect(try xmlRefusal(of: "\u{FEFF}" + latin).codeLine == "t.xml:1:31 xml-encoding")
    let utf16 = try [UInt8](#require(("\u{FEFF}" + latin).data(using: .utf16LittleEndian)))
    #expect(try xmlRefusal(of: utf16).codeLine == "t.xml:1:31 xml-encoding")
    let half: [UInt8] = [0xFF, 0xFE, 0x3C, 0, 0x61, 0, 0x2F, 0, 0, 0xD8, 0x3E, 0]
    for bytes in [half, half.dropLast(3)] {
      let refusal = try xmlRefusal(of: bytes)
      #expect(refusal.code == "xml-encoding")
      #expect(refusal.message.contains("UTF-16LE"))
    }
  }
}
