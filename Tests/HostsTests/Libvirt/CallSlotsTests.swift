import Synchronization
import TestSupport
import Testing

@testable import Hosts

@Suite("Calls in flight on a connection to libvirt")
struct CallSlotsTests {
  private func taken(_ uses: [CallSlots.Use]) -> CallSlots {
    let slots = CallSlots()
    for use in uses { #expect(slots.take(for: use)) }
    #expect(slots.inUse == uses.count)
    return slots
  }

  /// Starts a call in the background, and returns when it waits for a slot.
  private func wait(for use: CallSlots.Use, _ slots: CallSlots) -> InBackground<Bool> {
    let call = InBackground { slots.take(for: use) }
    #expect(eventually { slots.waiting == 1 })
    #expect(call.value == nil)
    return call
  }

  @Test(
    "A change waits for a slot after four changes, or after five calls of any kind",
    arguments: [
      ([.changing, .changing, .changing, .changing], CallSlots.Use.changing),
      ([.reading, .changing, .changing, .changing, .changing], .changing),
      ([.reading, .reading, .reading, .changing, .changing], .reading),
    ] as [([CallSlots.Use], CallSlots.Use)])
  func changes(uses: [CallSlots.Use], ended: CallSlots.Use) {
    let slots = taken(uses)
    let last = wait(for: .changing, slots)
    slots.release(ended)
    #expect(last.finish() == true)
    #expect(slots.inUse == uses.count)
  }

  @Test("A read has a slot beside four changes, and a second read waits")
  func reserved() {
    let slots = taken([.changing, .changing, .changing, .changing, .reading])
    let second = wait(for: .reading, slots)
    slots.release(.reading)
    #expect(second.finish() == true)
    let third = wait(for: .reading, slots)
    slots.release(.changing)
    #expect(third.finish() == true)
    #expect(slots.inUse == 5)
  }

  @Test(
    "A read and a change wait for a slot after five reads",
    arguments: [CallSlots.Use.reading, .changing])
  func reads(use: CallSlots.Use) {
    let slots = taken([.reading, .reading, .reading, .reading, .reading])
    let last = wait(for: use, slots)
    slots.release(.reading)
    #expect(last.finish() == true)
  }

  @Test("A slot that is reserved for reading does not go to a waiting change")
  func reservedStays() {
    let slots = taken([.changing, .changing, .changing, .changing, .reading])
    let change = wait(for: .changing, slots)
    slots.release(.reading)
    #expect(slots.take(for: .reading))
    #expect(slots.waiting == 1 && change.value == nil)
    slots.release(.changing)
    #expect(change.finish() == true)
  }

  @Test("Waiting and later calls are refused when the connection is dropped")
  func closed() {
    let slots = taken([.changing, .changing, .changing, .changing, .reading])
    let calls = [CallSlots.Use.changing, .changing, .reading].map { use in
      InBackground { slots.take(for: use) }
    }
    #expect(eventually { slots.waiting == 3 })
    slots.close()
    for call in calls { #expect(call.finish() == false) }
    // Calls in flight keep their slots.
    #expect(slots.inUse == 5)
    slots.release(.reading)
    #expect(!slots.take(for: .reading))
    #expect(slots.inUse == 4)
  }

  @Test("At most five calls and four changes are in flight, and each call gets its turn")
  func random() {
    let slots = CallSlots()
    let flight = Flight()
    let calls = (0..<12).map { number in
      InBackground {
        let use: CallSlots.Use = number % 3 == 0 ? .reading : .changing
        for _ in 0..<200 where slots.take(for: use) {
          flight.begin(use)
          flight.end(use)
          slots.release(use)
        }
      }
    }
    for call in calls { _ = call.finish() }
    #expect(flight.isExceeded.withLock { !$0 })
    #expect(slots.inUse == 0 && slots.waiting == 0)
    #expect(flight.count.withLock { $0.begun } == 2400)
  }

  private final class Flight: Sendable {
    let count = Mutex((reading: 0, changing: 0, begun: 0))
    let isExceeded = Mutex(false)

    func begin(_ use: CallSlots.Use) {
      let isTooMany = count.withLock { count in
        if use == .reading { count.reading += 1 } else { count.changing += 1 }
        count.begun += 1
        return count.changing > 4 || count.reading + count.changing > 5
      }
      if isTooMany { isExceeded.withLock { $0 = true } }
    }

    func end(_ use: CallSlots.Use) {
      count.withLock { if use == .reading { $0.reading -= 1 } else { $0.changing -= 1 } }
    }
  }
}
