extension Form {
  /// A value that is written as text of a given shape. A text that YAML or JSON readers take for a
  /// number, a boolean or null is refused unless `integers` contains it, with the advice to quote
  /// it, because other readers of the file would see another value.
  ///
  /// - Parameters:
  ///   - what: the kind of value with its article, for error messages and the schema's title: "a PCI
  ///     address".
  ///   - pattern: a regular expression. It stays within what ECMA 262 and RE2 have in common: no look-around,
  ///     no back references, no `\\u`, and no count above 1000. Together with `lengths` and `exceptions` it
  ///     matches exactly the texts that `parse` accepts.
  ///   - lengths: the numbers of Unicode scalars that a text may have.
  ///   - exceptions: texts that the pattern matches and `parse` refuses.
  ///   - integers: the plain numbers that are accepted as such a text too, because a name may be `12`.
  ///   - hint: the help for a text that `parse` refused.
  @inlinable
  public static func text(
    _ what: String, pattern: String? = nil, lengths: ClosedRange<Int>? = nil,
    except exceptions: [String] = [],
    integers: ClosedRange<Int>? = nil,
    parse: @escaping @Sendable (String) -> Value?, print: @escaping @Sendable (Value) -> String,
    hint: @escaping @Sendable (String) -> String? = { _ in nil }
  ) -> Form {
    var schema = [JSON.Member("type", .string("string"))]
    if let pattern { schema.append(JSON.Member("pattern", .string(pattern))) }
    if let lengths {
      if lengths.lowerBound > 0 { schema.append(JSON.Member("minLength", .integer(lengths.lowerBound))) }
      schema.append(JSON.Member("maxLength", .integer(lengths.upperBound)))
    }
    if !exceptions.isEmpty {
      let words = JSON.Member("enum", .array(exceptions.map(JSON.string)))
      schema.append(JSON.Member("not", .object([words])))
    }
    schema.append(JSON.Member("title", .string(what)))
    if let integers {
      schema[0] = JSON.Member("type", .array([.string("string"), .string("integer")]))
      schema.append(JSON.Member("minimum", .integer(integers.lowerBound)))
      schema.append(JSON.Member("maximum", .integer(integers.upperBound)))
    }
    return Form(
      schema: Schema(schema),
      decode: { node, decoding in
        guard case .scalar(let scalar) = node.content, scalar.kind != .null else {
          decoding.recordWrongType(what, node)
          return nil
        }
        let number = scalar.integer.flatMap { number in integers?.contains(number) == true ? number : nil }
        if scalar.kind == .string || number != nil {
          // The text is taken as written, also for a number. Only where that text is not valid (`-0`,
          // `12.0`), the number is written in plain digits.
          if let value = parse(scalar.text) ?? number.flatMap({ parse(String($0)) }) { return value }
        } else if parse(scalar.text) != nil {
          let other = scalar.kind == .boolean ? "true or false" : "a number"
          decoding.recordError(
            "wrong-type", "other YAML readers read \(quotedExcerpt(scalar.text)) as \(other)",
            at: node,
            help: "write it in quotes: \(quotedExcerpt(scalar.text))")
          return nil
        }
        decoding.recordError(
          "bad-value", "\(quotedExcerpt(scalar.text)) is not \(what)", at: node, help: hint(scalar.text))
        return nil
      },
      encode: { .string(print($0)) })
  }

  /// One of a few fixed words: the raw values of the enumeration. The error for another word suggests the
  /// nearest one.
  ///
  /// - Parameter former: the words of earlier versions, which are read but not written.
  @inlinable
  public static func choice(_ what: String, former: [String: Value] = [:]) -> Form
  where Value: RawRepresentable<String> & CaseIterable {
    let words = Value.allCases.map(\.rawValue)
    return Form(
      schema: Schema([JSON.Member("enum", .array((words + former.keys.sorted()).map(JSON.string)))]),
      decode: { node, decoding in
        guard case .scalar(let scalar) = node.content, scalar.kind != .null else {
          decoding.recordWrongType(what, node)
          return nil
        }
        if scalar.kind == .string, let value = Value(rawValue: scalar.text) ?? former[scalar.text] {
          return value
        }
        let near = nearest(to: scalar.text, among: words).map { "did you mean \($0)? " } ?? ""
        decoding.recordError(
          "bad-value", "\(quotedExcerpt(scalar.text)) is not \(what)", at: node,
          help: near + "one of: " + words.joined(separator: ", "))
        return nil
      },
      encode: { .string($0.rawValue) })
  }
}

extension Form<Int> {
  /// A whole number within a range. A number in quotes is refused.
  public static func integer(_ range: ClosedRange<Int>) -> Form {
    let bounds = [
      JSON.Member("minimum", .integer(range.lowerBound)), JSON.Member("maximum", .integer(range.upperBound)),
    ]
    return Form(
      schema: Schema([JSON.Member("type", .string("integer"))] + bounds),
      decode: { node, decoding in
        guard case .scalar(let scalar) = node.content, scalar.kind != .null else {
          decoding.recordWrongType("a whole number", node)
          return nil
        }
        if let value = scalar.integer, range.contains(value) { return value }
        if scalar.kind == .integer || scalar.integer != nil {
          decoding.recordError(
            "bad-value",
            "\(quotedExcerpt(scalar.text)) is outside \(range.lowerBound) to \(range.upperBound)",
            at: node)
        } else {
          let help = scalar.isPlain || Int(scalar.text) == nil ? nil : "write it without quotes"
          decoding.recordError(
            "wrong-type", "\(quotedExcerpt(scalar.text)) is not a whole number", at: node, help: help)
        }
        return nil
      },
      encode: JSON.integer)
  }
}

extension Form<Bool> {
  /// `true` or `false`. `on`, `off`, `yes` and `no` are accepted as well, because YAML 1.1 reads them as
  /// booleans and YAML 1.2 as text.
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
      decoding.recordWrongType("true or false", node)
      return nil
    },
    encode: JSON.boolean)
}

extension Form<String> {
  /// Any text of 1 to `length` Unicode scalars, for texts that only people read.
  public static func prose(upTo length: Int) -> Form {
    .text(
      "text of 1 to \(length) characters", lengths: 1...length,
      parse: { (1...length).contains($0.unicodeScalars.count) ? $0 : nil }, print: { $0 })
  }

  /// The one text that is valid here, such as the version of the format.
  public static func constant(_ text: String, _ what: String) -> Form {
    Form(
      schema: Schema([JSON.Member("const", .string(text))]),
      decode: { node, decoding in
        if case .scalar(let scalar) = node.content, scalar.text == text { return text }
        decoding.recordError("bad-value", "\(node.found) is not \(what)", at: node, help: "write \(text)")
        return nil
      },
      encode: JSON.string)
  }
}
