import Files

extension Form<Timestamp> {
  /// A moment as documents print it: RFC 3339, in UTC, with milliseconds. Other notations are refused, so
  /// that moments can be compared as texts.
  public static let moment: Form = {
    let text = Form.text(
      "a moment such as 2026-11-26T19:09:39.000Z",
      pattern: "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        + "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{3}Z$",
      parse: { Timestamp(rfc3339: $0) }, print: \.rfc3339)
    // A pattern cannot say which years have a 29 February.
    let format = JSON.Member("format", .string("date-time"))
    return Form(schema: Schema(text.schema.keywords + [format]), decode: text.decode, encode: text.encode)
  }()

  /// The same, or milliseconds since 1970, which earlier versions wrote.
  public static let momentOrMilliseconds: Form = {
    let number = Form<Int>.integer(Int.min...Int.max)
    return Form(
      schema: Schema([JSON.Member("anyOf", .array([moment.schema.json, number.schema.json]))]),
      decode: { node, decoding in
        if case .scalar(let scalar) = node.content, scalar.integer != nil {
          return number.decode(node, &decoding).map(Timestamp.init(milliseconds:))
        }
        return moment.decode(node, &decoding)
      },
      encode: moment.encode)
  }()
}
