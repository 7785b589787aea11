import Files
import TestSupport
import Testing

@Suite("Work that several threads need at once")
struct SingleFlightTests {
  @Test("is done once for all threads that wait; a later thread does it again")
  func once() {
    let flight = SingleFlight<Int>()
    let (count, gate) = (ConditionLock(0), ConditionLock(false))
    let work: @Sendable () -> Int = {
      flight.run {
        let number = count.withLock {
          $0 += 1
          return $0
        }
        gate.wait { $0 ? () : nil }
        return number
      }
    }
    let first = InBackground(work)
    count.wait { $0 == 1 ? () : nil }
    let others = (0..<4).map { _ in InBackground(work) }
    #expect(eventually { flight.waiting == 4 })
    gate.withLock { $0 = true }
    for one in [first] + others { #expect(one.finish() == 1) }
    #expect(work() == 2)
  }
}
