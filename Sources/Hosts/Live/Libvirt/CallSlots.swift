import Files

/// Counts and limits the calls of one libvirt connection that are in flight.
///
/// The libvirt daemon serves at most 5 requests of a client at once (the default of
/// `max_client_requests` in libvirtd.conf) and does not read a further request meanwhile. Five
/// changes would block every read, so one slot is reserved for reads.
final class CallSlots: Sendable {
  enum Use: Sendable { case reading, changing }

  /// The slots that any call may use.
  private static let shared = 4

  private struct SlotUsage: Sendable {
    var reading = 0
    var changing = 0
    var isClosed = false

    /// The shared slots in use. The first read uses the slot that is reserved for reads.
    private var used: Int { changing + max(0, reading - 1) }

    func hasRoom(for use: Use) -> Bool {
      switch use {
      case .reading: reading == 0 || used < CallSlots.shared
      case .changing: used < CallSlots.shared
      }
    }

    mutating func count(_ use: Use, _ change: Int) {
      switch use {
      case .reading: reading += change
      case .changing: changing += change
      }
    }
  }

  private let state = ConditionLock(SlotUsage())

  /// Waits for a slot and takes it. The caller releases each slot once.
  ///
  /// - Returns: false if the connection is closed.
  func take(for use: Use) -> Bool {
    state.wait { state in
      if state.isClosed { return false }
      guard state.hasRoom(for: use) else { return nil }
      state.count(use, 1)
      return true
    }
  }

  /// Releases a slot that `take` has taken, after its call has returned.
  func release(_ use: Use) { state.withLock { $0.count(use, -1) } }

  /// Makes all waiting and all later calls of `take` return false.
  func close() { state.withLock { $0.isClosed = true } }

  /// The number of calls in flight.
  var inUse: Int { state.withLock { $0.reading + $0.changing } }
  /// The number of threads that wait for a slot.
  var waiting: Int { state.waiting }
}
