import HostModel
import Testing

@Suite struct `Numbers and ranges of numbers` {
  func ranges(_ text: String) throws -> NumberRanges { try #require(NumberRanges(text)) }

  @Test(arguments: [
    ("", "", []), ("3", "3", [3]), ("0-3,8", "0-3,8", [0, 1, 2, 3, 8]), ("8,0-3", "0-3,8", [0, 1, 2, 3, 8]),
    ("0-2,1-3,4", "0-4", [0, 1, 2, 3, 4]), ("3-1", "1-3", [1, 2, 3]), ("007,7-7", "7", [7]),
  ])
  func `are parsed and printed`(_ text: String, _ printed: String, _ numbers: [Int]) throws {
    let ranges = try ranges(text)
    #expect(ranges.description == printed && ranges.numbers == numbers)
    #expect(try self.ranges(printed) == ranges && ranges.isEmpty == numbers.isEmpty)
  }

  @Test(arguments: [
    ",", "1,", ",1", "-", "1-", "-1", "1-2-3", "0-3:1/2", "x", "1 2", " 1", "1\n", "^1", "100000",
    "0-4294967295",
    "+1", "٣", "\u{0}",
  ])
  func `in any other notation are refused`(_ text: String) { #expect(NumberRanges(text) == nil) }

  @Test(.timeLimit(.minutes(1))) func `of any size cost little`() throws {
    let all = try ranges("0-99999")
    #expect(all.ranges == [0...99_999] && all.contains(99_999) && !all.contains(100_000))
    #expect(NumberRanges(String(repeating: "1,", count: 32_768) + "1") == nil)
    let odd = try ranges((0..<10_000).map { "\(2 * $0)" }.joined(separator: ","))
    #expect(odd.ranges.count > 9_000 && odd.overlaps(all) && all.overlaps(odd))
  }

  @Test func `can be compared and changed`() throws {
    let some = try ranges("0-3,8,20-30")
    #expect(try some.overlaps(ranges("4-7,9,30")) && !some.overlaps(ranges("4-7,9-19,31")))
    #expect(try !some.overlaps(ranges("")) && !ranges("").overlaps(some))
    #expect(NumberRanges(some.ranges + [4...7]).description == "0-8,20-30")
    #expect(some.removing(0).description == "1-3,8,20-30" && some.removing(3).description == "0-2,8,20-30")
    #expect(
      some.removing(25).description == "0-3,8,20-24,26-30" && some.removing(8).description == "0-3,20-30")
    #expect(some.removing(99) == some)
  }
}
