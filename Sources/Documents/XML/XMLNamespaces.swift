/// The namespace prefixes that are in scope at one place of a document. Each namespace has a number.
struct XMLNamespaces {
  private typealias Text = [UInt8]

  /// The keys are bytes, because Swift compares strings by canonical equivalence and XML compares code
  /// points.
  private var numbers: [Text: Int] = [Self.xml: 0]
  private var prefixes: [Text: Int] = [Array("xml".utf8): 0]
  /// The previous meaning of each prefix that is declared in scope, so that the declaration can be undone.
  private var changes: [(prefix: Text, before: Int?)] = []

  private static let xml = Array("http://www.w3.org/XML/1998/namespace".utf8)
  private static let xmlns = Array("http://www.w3.org/2000/xmlns/".utf8)

  var count: Int { changes.count }

  /// Undoes the declarations of an element that has ended.
  mutating func leave(downTo count: Int) {
    while changes.count > count {
      let change = changes.removeLast()
      prefixes[change.prefix] = change.before
    }
  }

  /// Adds the declarations of a start tag and checks the prefixes that the tag uses.
  mutating func enter(
    _ name: XMLName, _ attributes: [XMLAttribute], _ cursor: XMLCursor
  ) throws(Diagnostics) {
    for attribute in attributes {
      if attribute.name == "xmlns" {
        try checkReserved(attribute, prefix: nil, cursor)
      } else if attribute.name.utf8.starts(with: "xmlns:".utf8) {
        try declare(attribute, cursor)
      }
    }
    if let prefix = name.prefix { _ = try namespace(of: prefix, cursor) }
    try checkAttributes(attributes, cursor)
  }

  private mutating func declare(_ attribute: XMLAttribute, _ cursor: XMLCursor) throws(Diagnostics) {
    let prefix = Array(attribute.name.utf8.dropFirst(6))
    try checkReserved(attribute, prefix: prefix, cursor)
    guard !attribute.value.isEmpty else {
      throw cursor.error("the namespace of a prefix cannot be empty", at: attribute.range)
    }
    let number = numbers[Array(attribute.value.utf8), default: numbers.count]
    numbers[Array(attribute.value.utf8)] = number
    changes.append((prefix, prefixes.updateValue(number, forKey: prefix)))
  }

  /// Checks the reserved names: only `xml` may be bound to its namespace, and `xmlns` must not be
  /// declared (Namespaces in XML 1.0, section 3).
  private func checkReserved(
    _ attribute: XMLAttribute, prefix: Text?, _ cursor: XMLCursor
  ) throws(Diagnostics) {
    let namespace = Array(attribute.value.utf8)
    let isXML = prefix.map { $0.elementsEqual("xml".utf8) } ?? false
    let isXMLNS = prefix.map { $0.elementsEqual("xmlns".utf8) } ?? false
    guard isXML == (namespace == Self.xml), !isXMLNS, namespace != Self.xmlns else {
      throw cursor.error(
        "XML reserves the prefixes xml and xmlns and their namespaces", at: attribute.range)
    }
  }

  /// Refuses two attributes of the same name whose different prefixes stand for the same namespace.
  private func checkAttributes(_ attributes: [XMLAttribute], _ cursor: XMLCursor) throws(Diagnostics) {
    struct Expanded: Hashable {
      let namespace: Int
      let name: Text
    }
    var seen: [Expanded: XMLAttribute] = [:]
    for attribute in attributes {
      guard let colon = attribute.name.utf8.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let start = attribute.range.lowerBound
      let prefix = start..<start + attribute.name.utf8.distance(from: attribute.name.startIndex, to: colon)
      if cursor.text(prefix) == "xmlns" { continue }
      let expanded = Expanded(
        namespace: try namespace(of: prefix, cursor),
        name: Array(attribute.name.utf8[colon...].dropFirst()))
      if let first = seen.updateValue(attribute, forKey: expanded) {
        throw cursor.duplicate(attribute, of: first)
      }
    }
  }

  private func namespace(of prefix: Range<Int>, _ cursor: XMLCursor) throws(Diagnostics) -> Int {
    if let number = prefixes[Array(cursor.bytes[prefix])] { return number }
    let text = cursor.text(prefix)
    // The number of candidates for the suggestion is limited, because a hostile document may declare any
    // number of prefixes.
    let known = prefixes.keys.prefix(100).map { String(decoding: $0, as: UTF8.self) }.sorted()
    throw cursor.error(
      "this prefix is not declared: there is no \(quotedExcerpt("xmlns:" + text))", at: prefix,
      help: nearest(to: text, among: known).map { "did you mean \($0)?" })
  }
}
