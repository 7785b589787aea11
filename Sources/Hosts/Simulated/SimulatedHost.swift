import Documents
import HostModel
import Planning
import Synchronization

/// A host that starts from a snapshot, behaves as the kernel, libvirt and QEMU do, and keeps its state in
/// the snapshot's file, so that what was done is there for the next command.
public final class SimulatedHost: Host {
  private let path: String?
  private let kernel: Mutex<SimulatedKernel>

  /// - Parameter path: where the state is written back after each change; nil keeps it in memory.
  public init(_ state: HostState, path: String? = nil) {
    self.path = path
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
      let now = guest?.hostdevs(placement.part)?.first { $0.isSame(inLibvirt: hostdev) }
      return .detach(now ?? hostdev, placement)
    }
  }

  public func progress(of action: Action) throws(HostFailure) -> Progress { state.progress(of: action) }

  public func perform(_ action: Action, step: String) throws(HostFailure) {
    if let effect = state.simulation?.faults.first(where: { $0.step == step })?.effect {
      switch effect {
      case .refused: throw HostFailure(.refused, "\(step): Invalid argument (a fault of the simulated host)")
      case .busy:
        throw HostFailure(.refused, "\(step): Device or resource busy (a fault of the simulated host)")
      case .hang: throw HostFailure(.stuck, "\(step) has not ended (a fault of the simulated host)")
      case .ignored: return
      }
    }
    try change { kernel throws(HostFailure) in
      switch action {
      case .load(let module): try kernel.load(module)
      case .bind(let address, _, let to): try kernel.bind(address, to: to)
      case .resize(let address, _, let to): try kernel.resize(address, to: to)
      case .configure(let place, _, let to): try kernel.set(to, of: place)
      case .attach(let hostdev, let placement): try kernel.attach(hostdev, placement)
      case .detach(let hostdev, let placement): try kernel.detach(hostdev, placement)
      }
    }
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
