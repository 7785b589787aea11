import Files
import Testing

@Suite struct `Parallel work` {
  @Test(arguments: [0, 1, 2, 5, 9, 1000]) func `results keep their order for any count`(_ count: Int) {
    #expect(inParallel(count: count, atLeast: 1) { $0.map { $0 * 2 } } == (0..<count).map { $0 * 2 })
  }
}
