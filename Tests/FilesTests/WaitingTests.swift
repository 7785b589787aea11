import Files
import TestSupport
import Testing

@Suite("Waiting")
struct WaitingTests {
  @Test("Work is tried at once, repeated after each pause, and given up at the deadline")
  func repeating() {
    var count = 0
    let third = repeated(for: .seconds(60), every: .milliseconds(1)) { () -> Int? in
      count += 1
      return count == 3 ? count : nil
    }
    #expect(third == 3)
    #expect(!waitUntil(within: .zero) { false })
    #expect(waitUntil(within: .zero) { true })
    let start = ContinuousClock.now
    #expect(!waitUntil(within: .milliseconds(30), every: .milliseconds(5)) { false })
    #expect(ContinuousClock.now - start >= .milliseconds(30))
  }

  @Test("A wakeup that is raised several times ends one wait")
  func wakeup() throws {
    let wakeup = try Wakeup()
    #expect(!wakeup.wait(until: .now))
    for _ in 0..<3 { wakeup.raise() }
    #expect(wakeup.wait(until: .now))
    #expect(!wakeup.wait(until: .now + .milliseconds(1)))
    let waiting = InBackground { wakeup.wait(until: .now + .seconds(60)) }
    wakeup.raise()
    #expect(waiting.finish() == true)
  }

  @Test("within() returns nil for work that takes longer than its limit")
  func deadline() {
    #expect(within(.seconds(60)) { 1 } == 1)
    #expect(within(.milliseconds(10)) { sleep(for: .milliseconds(500)) } == nil)
  }
}
