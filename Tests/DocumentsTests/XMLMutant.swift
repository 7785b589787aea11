import TestSupport

/// A document that is damaged at random, in code units of its encoding (one byte or two).
struct XMLMutant {
  private var units: [UInt16]
  private let isWide: Bool
  private let isBigEndian: Bool

  init(_ bytes: [UInt8]) {
    isWide = bytes.count % 2 == 0 && bytes.prefix(2).contains { $0 == 0 || $0 >= 0xFE }
    isBigEndian = bytes.first == 0xFE
    if isWide {
      let bigEndian = isBigEndian
      units = stride(from: 0, to: bytes.count, by: 2).map { index in
        let (one, other) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
        return bigEndian ? one << 8 | other : other << 8 | one
      }
    } else {
      units = bytes.map(UInt16.init)
    }
  }

  var bytes: [UInt8] {
    guard isWide else { return units.map { UInt8(truncatingIfNeeded: $0) } }
    return units.flatMap { unit in
      let pair = [UInt8(unit >> 8), UInt8(truncatingIfNeeded: unit)]
      return isBigEndian ? pair : pair.reversed()
    }
  }

  mutating func damage(_ dice: inout Dice) {
    let location = Int.random(in: 0...units.count, using: &dice)
    let end = min(units.count, location + Int.random(in: 1...24, using: &dice))
    let other = Int.random(in: 0...units.count, using: &dice)
    let one = location..<min(location + 1, end)
    let markup = Self.markup[Int.random(in: Self.markup.indices, using: &dice)]
    switch Int.random(in: 0..<10, using: &dice) {
    case 0: units.replaceSubrange(one, with: [anyUnit(&dice)])
    case 1: units.replaceSubrange(one, with: [markup])
    case 2: units.removeSubrange(location..<end)
    case 3: units.insert(contentsOf: units[location..<end], at: other)
    case 4:
      units.replaceSubrange(
        location..<end, with: units[min(location, other)..<max(location, min(other, end))])
    case 5: units.insert(markup, at: location)
    case 6: units.removeSubrange(one)
    default:
      let snippet = Self.snippets[Int.random(in: Self.snippets.indices, using: &dice)]
      units.insert(contentsOf: snippet, at: location)
    }
  }

  private func anyUnit(_ dice: inout Dice) -> UInt16 {
    let unit = UInt16.random(in: 0...(isWide && Bool.random(using: &dice) ? 0xFFFF : 0xFF), using: &dice)
    // expat accepts these as letters, in names too; no edition of XML does.
    return [0xAA, 0xB5, 0xBA].contains(unit) ? 0xE9 : unit
  }

  private static let markup = Array("<>&;:\"'=/?!-[]#x \t\r\n1a".utf16)
  private static let snippets = [
    "<a>", "</a>", "<a/>", "<a b='c'>", " a='b'", " a=\"b\"", "<q:a xmlns:q='u'/>", "<q:a/>", " xmlns:q='u'",
    " xmlns:q=''", " xmlns='v'", " q:b='c'", " xml:lang='e'", " xmlns:xml='u'", " xmlns:xmlns='u'",
    " xmlns:p='http://www.w3.org/XML/1998/namespace'", "<!--", "-->", "--", "<!-- x -->", "<![CDATA[", "]]>",
    "<![CDATA[<&]]>", "<?", "?>", "<?pi?>", "<?pi x?>", "<?xml version='1.0'?>", "<?xMl x?>",
    " encoding='UTF-8'", " standalone='yes'", "&amp;", "&lt", "&nbsp;", "&#38;", "&#x26;", "&#0;", "&#xD800;",
    "&#x110000;", "&#99999999999;", "&;", "&#;", "<!DOCTYPE a>", "\r\n", "\r", "\t", " ", "\n", ">", "<", "é",
    "\u{FFFE}", "\u{1}", "\u{7F}", "\u{85}",
  ].map { Array($0.utf16) }
}
