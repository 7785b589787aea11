// Tests check which values a text names, and not its wording.
extension String {
  /// Whether the text contains each of the values (an address, a name, a path, a number) as a word.
  public func names(_ values: String...) -> Bool { names(values) }

  public func names(_ values: [String]) -> Bool { values.allSatisfy(namesOne) }

  private func namesOne(_ value: String) -> Bool {
    ranges(of: value).contains { range in
      let before = range.lowerBound > startIndex ? self[index(before: range.lowerBound)] : " "
      let after = range.upperBound < endIndex ? self[range.upperBound] : " "
      return !isOneWord(before, value.first) && !isOneWord(value.last, after)
    }
  }

  private func isOneWord(_ left: Character?, _ right: Character?) -> Bool {
    [left, right].allSatisfy { $0.map { $0.isLetter || $0.isNumber } ?? false }
  }
}

extension String? {
  /// False where there is no text.
  public func names(_ values: String...) -> Bool { names(values) }

  public func names(_ values: [String]) -> Bool { self.map { $0.names(values) } ?? false }
}

extension [String] {
  /// Whether there are as many texts as lists of values, and each text names its values.
  public func names(_ values: [String]...) -> Bool {
    count == values.count && zip(self, values).allSatisfy { $0.names($1) }
  }
}
