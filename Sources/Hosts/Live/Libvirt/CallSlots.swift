/// Which calls of one libvirt connection are in flight.
///
/// libvirt's daemon serves 5 requests of a client at once unless it is configured otherwise (`max_client_requests`),
/// and reads no more from a client that has as many. So a fifth change would hold up every answer: one slot is
/// for reading only.
final class CallSlots: Sendable {
  enum Use: Sendable { case reading, changing }

  private static let forAll = 4

  private struct State: Sendable {
    var reading = 0
    var changing = 0
    var isClosed = false

    /// The slots in use of those that are for all calls. The first read has the reserved one.
    private var used: Int { changing + max(0, reading - 1) }

    func hasRoom(for use: Use) -> Bool {
      switch use {
      case .reading: reading == 0 || used < CallSlots.forAll
      case .changing: used < CallSlots.forAll
      }
    }

    mutating func count(_ use: Use, _ change: Int) {
      switch use {
      case .reading: reading += change
      case .changing: changing += change
      }
    }
  }

  private let state = ConditionLock(State())

  /// Waits for a slot, and takes it. False where the connection is not used any more.
  func take(for use: Use) -> Bool {
    state.wait { state in
      if state.isClosed { return false }
      guard state.hasRoom(for: use) else { return nil }
      state.count(use, 1)
      return true
    }
  }

  /// Must be called once for each slot that was taken, when its call has returned.
  func giveBack(_ use: Use) { state.withLock { $0.count(use, -1) } }

  /// Turns away the calls that wait for a slot, and all later ones.
  func close() { state.withLock { $0.isClosed = true } }

  /// The calls in flight.
  var inUse: Int { state.withLock { $0.reading + $0.changing } }
  /// The threads that wait for a slot.
  var waiting: Int { state.waiting }
}
