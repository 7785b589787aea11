import Documents
import Glibc
import HostModel
import Planning
import Synchronization

/// A host that starts from a snapshot, behaves as the kernel, libvirt and QEMU do, and keeps its state in
/// the snapshot's file, so that what was done is there for the next command.
public final class SimulatedHost: Host {
  private let path: String?
  private let kill: @Sendable () -> Void
  private let kernel: Mutex<SimulatedKernel>

  /// - Parameters:
  ///   - path: where the state is written back after each change; nil keeps it in memory.
  ///   - kill: ends pcipass where a fault asks for that.
  public init(
    _ state: HostState, path: String? = nil,
    kill: @escaping @Sendable () -> Void = { _ = Glibc.kill(getpid(), SIGKILL) }
  ) {
    self.path = path
    self.kill = kill
    var kernel = SimulatedKernel(state: state)
    kernel.letGoWhatIsLeaving()
    self.kernel = Mutex(kernel)
  }

  public var state: HostState { kernel.withLock { $0.state } }

  public func observe() throws(Diagnostics) -> HostState { state }

  public func observe(after actions: [Action], since before: HostState) throws(Diagnostics) -> HostState {
    state
  }

  /// Nothing to do: a simulated function remembers by itself, in the state.
  public func remember(_ state: HostState) throws(Diagnostics) {}

  public func refreshed(_ action: Action) throws(HostFailure) -> Action {
    switch action {
    case .load, .attach: return action
    case .bind(let address, _, let to):
      return .bind(
        address, from: try look { kernel throws(HostFailure) in try kernel.binding(of: address) }, to: to)
    case .resize(let address, _, let to):
      return .resize(
        address, from: try look { kernel throws(HostFailure) in try kernel.vfSet(of: address) }, to: to)
    case .configure(let place, _, let to):
      let now = try look { kernel throws(HostFailure) in try kernel.settings(of: place) }
      return .configure(place, from: to.counterpart(in: now), to: to)
    case .detach(let hostdev, let placement):
      let guest = state.guests(of: placement.guest).value?.first { $0.name == placement.guest.name }
      let now = guest?.hostdevs(placement.part)?.first {
        placement.guest.isSame($0, hostdev)
      }
      return .detach(now ?? hostdev, placement)
    }
  }

  public func progress(of action: Action) throws(HostFailure) -> Progress { state.progress(of: action) }

  /// Nobody is at work here but pcipass.
  public func settle(_ action: Action, begun ago: Duration) {}

  public func perform(_ action: Action, step: String) throws(HostFailure) {
    let fault = state.simulation?.faults.first { $0.step == step }
    if let fault {
      switch fault.effect {
      case .refused: throw HostFailure(.refused, "\(step): Invalid argument (a fault of the simulated host)")
      case .busy:
        throw HostFailure(.refused, "\(step): Device or resource busy (a fault of the simulated host)")
      case .hang: throw HostFailure(.stuck, "\(step) has not ended (a fault of the simulated host)")
      case .ignored: return
      case .slow: pause(fault.seconds)
      case .killed:
        // Neither what it says nor how it ends is seen by anybody.
        try? change { kernel throws(HostFailure) in
          kernel.writesLeft = fault.writes
          try kernel.perform(action)
        }
        kill()
        throw HostFailure(.stuck, "pcipass was killed at \(step) (a fault of the simulated host)")
      }
    }
    try change { kernel throws(HostFailure) in try kernel.perform(action) }
  }

  /// A signal does not shorten it.
  private func pause(_ seconds: Int) {
    let end = ContinuousClock.now + .seconds(seconds)
    while .now < end { usleep(10_000) }
  }

  private func look<Value: Sendable>(
    _ body: (borrowing SimulatedKernel) throws(HostFailure) -> Value
  ) throws(HostFailure) -> Value {
    try kernel.withLock { kernel throws(HostFailure) in try body(kernel) }
  }

  /// What a failed action has changed until then stays, as on a real host, and is written too.
  private func change(_ body: (inout SimulatedKernel) throws(HostFailure) -> Void) throws(HostFailure) {
    try kernel.withLock { kernel throws(HostFailure) in
      let before = kernel.state
      var failure: HostFailure?
      do throws(HostFailure) { try body(&kernel) } catch { failure = error }
      if kernel.state != before, let path { try save(kernel.state, to: path) }
      if let failure { throw failure }
    }
  }

  private func save(_ state: HostState, to path: String) throws(HostFailure) {
    do throws(Diagnostic) {
      try writeFile(HostState.form.encode(state).text + "\n", to: path)
    } catch {
      throw HostFailure(.refused, error.message)
    }
  }
}

extension SimulatedKernel {
  fileprivate mutating func perform(_ action: Action) throws(HostFailure) {
    switch action {
    case .load(let module): try load(module)
    case .bind(let address, _, let to): try bind(address, to: to)
    case .resize(let address, _, let to): try resize(address, to: to)
    case .configure(let place, _, let to): try set(to, of: place)
    case .attach(let hostdev, let placement):
      try write()
      _ = takeWrites()
      try attach(hostdev, placement)
    case .detach(let hostdev, let placement):
      try write()
      _ = takeWrites()
      try detach(hostdev, placement)
    }
  }
}
