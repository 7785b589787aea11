import Documents

/// A value that was read from the host, or the reason why it could not be read. An unknown value is not an
/// absent one.
public enum Observed<Value: Sendable>: Sendable {
  case known(Value)
  case unavailable(String)

  /// The value; nil if it is unavailable.
  public var value: Value? {
    if case .known(let value) = self { value } else { nil }
  }

  /// The reason why the value is unavailable; nil if it is known.
  public var reason: String? {
    if case .unavailable(let reason) = self { reason } else { nil }
  }
}

extension Observed: Equatable where Value: Equatable {}

extension Form {
  /// The form of the value itself or of `{unavailable: REASON}`.
  public var observed: Form<Observed<Value>> {
    let unavailable = Form<Observed<Value>>.variants(
      "an unreadable value",
      Variant(
        "unavailable", .freeText, "Why it could not be read.", wrap: { .unavailable($0) },
        unwrap: { $0.reason }))
    return Form<Observed<Value>>(
      schema: Schema(
        [JSON.Member("anyOf", .array([schema.json, unavailable.schema.json]))],
        definitions: schema.definitions),
      decode: { [decode] node, decoding in
        node["unavailable"] == nil
          ? decode(node, &decoding).map(Observed.known) : unavailable.decode(node, &decoding)
      },
      encode: { [encode] in
        switch $0 {
        case .known(let value): encode(value)
        case .unavailable: unavailable.encode($0)
        }
      })
  }
}
