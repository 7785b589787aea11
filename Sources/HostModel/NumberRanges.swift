import Documents

/// A set of numbers of CPUs or of NUMA nodes, as the kernel writes it: `0-3,8` (cpuset(7), List format).
public struct NumberRanges: Sendable, Hashable {
  /// The ranges in ascending order. They neither overlap nor touch each other.
  public private(set) var ranges: [ClosedRange<Int>]

  /// The largest number. It has five digits; the kernel supports 8192 CPUs and 1024 nodes.
  public static let largest = 99_999
  private static let longest = 65_536

  public init(_ ranges: [ClosedRange<Int>] = []) {
    self.ranges = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = self.ranges.last, range.lowerBound <= last.upperBound + 1 {
        let end = max(last.upperBound, range.upperBound)
        self.ranges[self.ranges.count - 1] = last.lowerBound...end
      } else {
        self.ranges.append(range)
      }
    }
  }

  /// Parses numbers and ranges of numbers, divided by commas; an empty text is the empty set. Nil for any other
  /// text.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count <= Self.longest else { return nil }
    guard !text.isEmpty else {
      self.init()
      return
    }
    var ranges: [ClosedRange<Int>] = []
    for part in divided(text, at: ",") {
      guard let range = Self.range(part) else { return nil }
      ranges.append(range)
    }
    self.init(ranges)
  }

  /// The range of `3` or `0-3`. The two numbers may be in either order.
  public static func range(_ text: some StringProtocol) -> ClosedRange<Int>? {
    let ends = divided(text, at: "-").map(number)
    guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1] else { return nil }
    return min(first, last)...max(first, last)
  }

  /// The number of one to five digits.
  public static func number(_ text: some StringProtocol) -> Int? {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return Int(text)
  }
}

extension NumberRanges {
  public var isEmpty: Bool { ranges.isEmpty }

  /// All numbers in ascending order.
  public var numbers: [Int] { ranges.flatMap { Array($0) } }

  public func contains(_ number: Int) -> Bool { ranges.contains { $0.contains(number) } }

  /// Whether the sets have a number in common.
  public func overlaps(_ other: NumberRanges) -> Bool {
    var (mine, others) = (0, 0)
    while mine < ranges.count, others < other.ranges.count {
      if ranges[mine].overlaps(other.ranges[others]) { return true }
      if ranges[mine].upperBound < other.ranges[others].upperBound { mine += 1 } else { others += 1 }
    }
    return false
  }

  /// The set without a number.
  public func removing(_ number: Int) -> NumberRanges {
    NumberRanges(
      ranges.flatMap { range -> [ClosedRange<Int>] in
        guard range.contains(number) else { return [range] }
        let below = range.lowerBound < number ? [range.lowerBound...(number - 1)] : []
        return below + (number < range.upperBound ? [(number + 1)...range.upperBound] : [])
      })
  }
}

extension NumberRanges: CustomStringConvertible {
  public var description: String {
    ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }
}

extension NumberRanges {
  public static let form = Form<NumberRanges>.text(
    "numbers and ranges of numbers such as 0-3,8",
    pattern: "^([0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*)?$", lengths: 0...longest,
    parse: { NumberRanges($0) }, print: \.description)
}
