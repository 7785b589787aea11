import Files
import Testing

@Suite struct `Work in parts` {
  @Test(arguments: [0, 1, 2, 5, 9, 1000]) func `the results are in order, whatever the parts`(_ count: Int) {
    #expect(inParallel(count: count, atLeast: 1) { $0.map { $0 * 2 } } == (0..<count).map { $0 * 2 })
  }
}
