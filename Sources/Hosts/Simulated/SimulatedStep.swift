import HostModel
import Planning
import Synchronization

/// The access of one step to a simulated host. Each call reads or changes the state as a whole, so
/// concurrent steps interleave only between the same operations as on a real host.
///
/// This is a class because the primitives and the managers of guests share one count of writes.
final class SimulatedStep: Sendable {
  private let host: SimulatedHost
  /// The number of writes that still succeed before pcipass is killed; nil if it is not killed.
  private let writesLeft: Mutex<Int?>

  init(on host: SimulatedHost, writes: Int?) {
    self.host = host
    writesLeft = Mutex(writes)
  }

  var state: HostState { host.state }

  func look<Value: Sendable>(
    _ body: (borrowing SimulatedKernel) throws(HostFailure) -> Value
  ) throws(HostFailure) -> Value {
    try host.look(body)
  }

  /// Performs a write as a whole or not at all, because the kernel, libvirt and QEMU complete an
  /// operation even if the process that requested it has ended.
  func write<Value: Sendable>(
    _ body: (inout SimulatedKernel) throws(HostFailure) -> Value
  ) throws(HostFailure) -> Value {
    let isKilled = writesLeft.withLock { left in
      if left == 0 { return true }
      left = left.map { $0 - 1 }
      return false
    }
    if isKilled { throw HostFailure(.stuck, "killed") }
    return try host.change(body)
  }
}
