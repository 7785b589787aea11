/// Returns the first names, separated by commas, and the number of the others: `hv01, hv02 and 8 more`.
public func listed(_ names: [String], upTo count: Int = 12) -> String {
  names.prefix(count).joined(separator: ", ")
    + (names.count > count ? " and \(names.count - count) more" : "")
}
