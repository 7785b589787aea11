extension OutputField {
  /// The same key in a record that contains this one.
  public func at<Whole>(_ part: @escaping @Sendable (Whole) -> Root) -> OutputField<Whole> {
    OutputField<Whole>(self, isRequired: isRequired) { [write] in write(part($0)) }
  }

  /// The same key in a record that may contain this one: absent where it does not.
  public func at<Whole>(optional part: @escaping @Sendable (Whole) -> Root?) -> OutputField<Whole> {
    OutputField<Whole>(self, isRequired: false) { [write] in part($0).flatMap(write) }
  }

  private init<Part>(
    _ field: OutputField<Part>, isRequired: Bool, write: @escaping @Sendable (Root) -> JSON?
  ) {
    (key, schema, about) = (field.key, field.schema, field.about)
    self.isRequired = isRequired
    self.write = write
  }
}
