import HostModel
import Synchronization
import Testing

@testable import Hosts

@Suite("Waiting until a guest's process closes an unplugged device")
struct ReleaseTests {
  /// Returns the given holders one after another, and then the last ones for ever.
  private final class Looks: Sendable {
    private let seen: [Observed<[Holder]>]
    private let next = Mutex(0)

    init(_ seen: [Observed<[Holder]>]) { self.seen = seen }

    var count: Int { next.withLock { $0 } }

    func look() -> Observed<[Holder]> {
      next.withLock {
        $0 += 1
        return seen[min($0, seen.count) - 1]
      }
    }
  }

  private static let qemu = Observed.known([Holder(process: 7, command: "qemu")])

  private func count(_ seen: Observed<[Holder]>..., upTo time: Duration = .seconds(10)) -> Int {
    let looks = Looks(seen)
    ReleaseWait(holders: looks.look).wait(upTo: time)
    return looks.count
  }

  @Test("A process that has the device open is waited for") func waits() {
    #expect(count(Self.qemu, Self.qemu, Self.qemu, .known([])) == 4)
  }

  @Test("A later process, an unused device and unknown holders are not waited for") func others() {
    #expect(count(Self.qemu, .known([Holder(process: 8, command: "other")])) == 2)
    #expect(count(.known([])) == 1)
    #expect(count(.unavailable("not root")) == 1)
  }

  @Test("The wait ends after its time limit") func bounded() {
    #expect(count(Self.qemu, upTo: .milliseconds(50)) >= 2)
  }
}
