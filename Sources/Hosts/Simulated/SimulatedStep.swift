import HostModel
import Planning
import Synchronization

/// The access of one step to a simulated host: each call looks at the state or changes it as a whole, so that steps that
/// run side by side interleave only where they do on a real host.
///
/// A class, because the primitives and the managers of guests count the same writes.
final class SimulatedStep: Sendable {
  private let host: SimulatedHost
  /// How many more writes of the step are done before pcipass is killed; nil where it is not killed.
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

  /// A write is done as a whole or not at all: the kernel, libvirt and QEMU finish what they have started, also when the
  /// process that asked is gone.
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
