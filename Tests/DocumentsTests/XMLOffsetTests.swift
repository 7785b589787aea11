import Documents
import TestSupport
import Testing

@Suite("Ranges of XML elements and attributes")
struct XMLOffsetTests {
  @Test func `each element and attribute is where its range says, and reads the same on its own`() throws {
    for document in try XMLCorpus.written() {
      let source = try XMLText(document.bytes, name: document.name).source
      for element in try XMLReader.document(of: source).all {
        #expect(isPlaced(element, in: source.text), "\(element.name) in \(document.name)")
        #expect(readsTheSame(element, in: source.text), "\(element.name) in \(document.name)")
      }
    }
  }

  @Test func `the parts of a tag are told apart`() throws {
    let text = "<!--é--><a ü = 'x'\n b=\"&lt;\" >t<b/><b></b ></a >\n"
    let root = try xml(text)
    func part(_ range: Range<Int>?) -> String? {
      range.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) }
    }
    #expect(part(root.range) == "<a ü = 'x'\n b=\"&lt;\" >t<b/><b></b ></a >")
    #expect(part(root.contentRange) == "t<b/><b></b >")
    #expect(root.attributes.map { part($0.range) } == ["ü = 'x'", "b=\"&lt;\""])
    #expect(root.attributes.map { part($0.contentRange) } == ["x", "&lt;"])
    #expect(root.attributes.map(\.value) == ["x", "<"])
    #expect(root.elements.map { part($0.contentRange) } == [nil, ""])
  }

  @Test func `no damage crashes the reader, and what it takes stands where it says`() throws {
    var dice = Dice(seed: 7)
    let documents = try XMLCorpus.written().map(\.bytes).filter { $0.count < 1000 }
    for number in 0..<20_000 * soak {
      var mutant = XMLMutant(documents[number % documents.count])
      for _ in 0...Int.random(in: 0..<4, using: &dice) { mutant.damage(&dice) }
      let bytes = mutant.bytes
      guard let text = try? XMLText(bytes, name: "t.xml"),
        let root = try? XMLReader.document(of: text.source)
      else { continue }
      let elements = root.all
      let isWhole = try text.encoded(text.source.text) == bytes
      guard isWhole, elements.allSatisfy({ isPlaced($0, in: text.source.text) }),
        let some = elements.randomElement(using: &dice), readsTheSame(some, in: text.source.text)
      else {
        Issue.record("not as it was written: \(printable(String(decoding: bytes, as: UTF8.self)))")
        return
      }
    }
  }

  private func isPlaced(_ element: XMLElement, in text: [UInt8]) -> Bool {
    let slice = text[element.range]
    guard slice.starts(with: "<\(element.name)".utf8), slice.last == UInt8(ascii: ">") else { return false }
    if let contentRange = element.contentRange {
      guard text[contentRange.lowerBound - 1] == UInt8(ascii: ">"),
        text[contentRange.upperBound...].starts(with: "</\(element.name)".utf8)
      else { return false }
    } else if !slice.suffix(2).elementsEqual("/>".utf8) {
      return false
    }
    return element.attributes.allSatisfy { attribute in
      text[attribute.range].starts(with: attribute.name.utf8)
        && text[attribute.contentRange.lowerBound - 1] == text[attribute.contentRange.upperBound]
        && attribute.range.upperBound == attribute.contentRange.upperBound + 1
    }
  }

  private func readsTheSame(_ element: XMLElement, in text: [UInt8]) -> Bool {
    do {
      let alone = try XMLReader.document(of: Source(name: "t.xml", text: Array(text[element.range])))
      return alone.outline == element.outline
        && alone.all.map { $0.range.count } == element.all.map { $0.range.count }
    } catch {
      // An outer element may declare the prefix of this element.
      return element.all.contains { element in
        ([element.name] + element.attributes.map(\.name)).contains { $0.contains(":") }
      }
    }
  }
}
