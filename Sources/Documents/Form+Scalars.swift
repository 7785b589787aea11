extension Form {
  /// A value written as text of a given shape.
  ///
  /// - Parameters:
  ///   - what: what it is, in the words of an error and of the schema's title: "a PCI address".
  ///   - pattern: the shape, a regular expression (ECMA 262) that matches exactly what `parse` accepts.
  ///   - integers: whether a plain number is such a text too, and up to which value; a name may be `12`.
  ///   - hint: what somebody who wrote this text should write instead.
  @inlinable
  public static func text(
    _ what: String, pattern: String, integers: ClosedRange<Int>? = nil,
    parse: @escaping @Sendable (String) -> Value?, print: @escaping @Sendable (Value) -> String,
    hint: @escaping @Sendable (String) -> String? = { _ in nil }
  ) -> Form {
    var schema = [
      JSON.Member("type", .string("string")), JSON.Member("pattern", .string(pattern)),
      JSON.Member("title", .string(what)),
    ]
    if let integers {
      schema[0] = JSON.Member("type", .array([.string("string"), .string("integer")]))
      schema.append(JSON.Member("minimum", .integer(integers.lowerBound)))
      schema.append(JSON.Member("maximum", .integer(integers.upperBound)))
    }
    return Form(
      schema: Schema(schema),
      decode: { node, decoding in
        guard case .scalar(let scalar) = node.content, scalar.kind != .null else {
          decoding.wrongType(what, node)
          return nil
        }
        let number = scalar.integer.flatMap { number in integers?.contains(number) == true ? number : nil }
        if scalar.kind == .string || number != nil {
          // As written; only a number that cannot be (`-0`, `12.0`) is taken in plain digits.
          if let value = parse(scalar.text) ?? number.flatMap({ parse(String($0)) }) { return value }
        } else if parse(scalar.text) != nil {
          let other = scalar.kind == .boolean ? "true or false" : "a number"
          decoding.error(
            "wrong-type", "other readers of this file take \(shortened(scalar.text)) for \(other)", at: node,
            help: "write it in quotes: \(shortened(scalar.text))")
          return nil
        }
        decoding.error(
          "bad-value", "\(shortened(scalar.text)) is not \(what)", at: node, help: hint(scalar.text))
        return nil
      },
      encode: { .string(print($0)) })
  }

  /// One of a few words.
  @inlinable
  public static func choice(_ what: String) -> Form
  where Value: RawRepresentable<String> & CaseIterable {
    let words = Value.allCases.map(\.rawValue)
    return Form(
      schema: Schema([JSON.Member("enum", .array(words.map(JSON.string)))]),
      decode: { node, decoding in
        guard case .scalar(let scalar) = node.content, scalar.kind != .null else {
          decoding.wrongType(what, node)
          return nil
        }
        if scalar.kind == .string, let value = Value(rawValue: scalar.text) { return value }
        let near = nearest(to: scalar.text, among: words).map { "did you mean \($0)? " } ?? ""
        decoding.error(
          "bad-value", "\(shortened(scalar.text)) is not \(what)", at: node,
          help: near + "one of: " + words.joined(separator: ", "))
        return nil
      },
      encode: { .string($0.rawValue) })
  }
}

extension Form<Int> {
  public static func integer(_ range: ClosedRange<Int>) -> Form {
    let bounds = [
      JSON.Member("minimum", .integer(range.lowerBound)), JSON.Member("maximum", .integer(range.upperBound)),
    ]
    return Form(
      schema: Schema([JSON.Member("type", .string("integer"))] + bounds),
      decode: { node, decoding in
        guard case .scalar(let scalar) = node.content, scalar.kind != .null else {
          decoding.wrongType("a whole number", node)
          return nil
        }
        if let value = scalar.integer, range.contains(value) { return value }
        if scalar.kind == .integer || scalar.integer != nil {
          decoding.error(
            "bad-value", "\(shortened(scalar.text)) is outside \(range.lowerBound) to \(range.upperBound)",
            at: node)
        } else {
          let help = scalar.isPlain || Int(scalar.text) == nil ? nil : "write it without quotes"
          decoding.error(
            "wrong-type", "\(shortened(scalar.text)) is not a whole number", at: node, help: help)
        }
        return nil
      },
      encode: JSON.integer)
  }
}

extension Form<Bool> {
  /// `true` or `false`; `on`, `off`, `yes` and `no` mean the same whichever YAML version reads them.
  public static let boolean = Form(
    schema: Schema([
      JSON.Member(
        "anyOf",
        .array([
          .object([JSON.Member("type", .string("boolean"))]),
          .object([JSON.Member("enum", .array(["on", "off", "yes", "no"].map(JSON.string)))]),
        ]))
    ]),
    decode: { node, decoding in
      if case .scalar(let scalar) = node.content {
        if scalar.kind == .boolean { return scalar.text.lowercased() == "true" }
        switch scalar.text {
        case "on", "yes": return true
        case "off", "no": return false
        default: break
        }
      }
      decoding.wrongType("true or false", node)
      return nil
    },
    encode: JSON.boolean)
}

extension Form<String> {
  /// Any text within a length; for what only people read.
  public static func prose(upTo length: Int) -> Form {
    .text(
      "a text of 1 to \(length) characters", pattern: "^[\\s\\S]{1,\(length)}$",
      parse: { (1...length).contains($0.unicodeScalars.count) ? $0 : nil }, print: { $0 })
  }

  /// The one text that may stand here, such as the version of the document's language.
  public static func constant(_ text: String, _ what: String) -> Form {
    Form(
      schema: Schema([JSON.Member("const", .string(text))]),
      decode: { node, decoding in
        if case .scalar(let scalar) = node.content, scalar.text == text { return text }
        decoding.error("bad-value", "\(node.found) is not \(what)", at: node, help: "write \(text)")
        return nil
      },
      encode: JSON.string)
  }
}
