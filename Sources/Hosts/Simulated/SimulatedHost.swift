import Documents
import Files
import Glibc
import HostModel
import Planning
import Synchronization

/// A host that starts from a snapshot and behaves as the kernel, libvirt and QEMU do. It writes its state back to the file
/// of the snapshot, where the next command finds it.
public final class SimulatedHost: Host {
  private let path: String?
  private let kill: @Sendable () -> Void
  private let written: Written?
  private let kernel: Mutex<SimulatedKernel>
  /// Whether the file has the present state.
  private let isSaved = Mutex(true)

  /// Called after each write, with the host before it and after it.
  public typealias Written = @Sendable (_ before: HostState, _ after: HostState) -> Void

  /// - Parameters:
  ///   - path: the file that the state is written to after each step; nil keeps it in memory.
  ///   - written: called after each write.
  ///   - kill: called at the fault `killed`; it ends pcipass.
  public init(
    _ state: HostState, path: String? = nil, written: Written? = nil,
    kill: @escaping @Sendable () -> Void = { _ = Glibc.kill(getpid(), SIGKILL) }
  ) {
    self.path = path
    self.kill = kill
    self.written = written
    var kernel = SimulatedKernel(state: state)
    kernel.removeLeaving()
    self.kernel = Mutex(kernel)
  }

  /// The host as it is now.
  public var state: HostState { kernel.withLock { $0.state } }

  public func observe() throws(Diagnostics) -> HostState { state }

  public func observe(after actions: [Action], since before: HostState) throws(Diagnostics) -> HostState {
    state
  }

  public func observe(about action: Action, since before: HostState) throws(Diagnostics) -> HostState {
    state
  }

  /// Does nothing: the state itself has the identities of functions.
  public func remember(_ state: HostState) throws(Diagnostics) {}

  public func refreshed(_ action: Action) throws(HostFailure) -> Action {
    try action.hostStep.refreshed(on: SimulatedPrimitives(of: self))
  }

  public func state(of action: Action) throws(HostFailure) -> StepState {
    try action.hostStep.state(on: SimulatedPrimitives(of: self))
  }

  /// Returns at once: no other process is at work on a simulated host.
  public func settle(_ action: Action, begun ago: Duration) {}

  public func perform(_ action: Action, step: String) throws(HostFailure) {
    let fault = state.simulation?.faults.first { $0.step == step }
    if let fault {
      switch fault.effect {
      case .refused: throw HostFailure(.refused, "\(step): Invalid argument (a fault of the simulated host)")
      case .busy:
        throw HostFailure(.refused, "\(step): Device or resource busy (a fault of the simulated host)")
      case .hang: throw HostFailure(.stuck, "\(step) did not finish (a fault of the simulated host)")
      case .ignored: return
      case .slow: sleep(for: .seconds(fault.seconds))
      case .killed:
        // After the kill no process is left to report how the step ended.
        try? run(action, writes: fault.writes)
        kill()
        throw HostFailure(.stuck, "pcipass was killed at \(step) (a fault of the simulated host)")
      }
    }
    try run(action)
  }

  /// Performs an action and writes the state back, also where the action has failed: what it had changed by then stays, as
  /// on a real host.
  ///
  /// - Parameter writes: how many of its writes are done before pcipass is killed; nil where it is not.
  private func run(_ action: Action, writes: Int? = nil) throws(HostFailure) {
    var primitives = SimulatedPrimitives(of: self, writes: writes)
    var failure: HostFailure?
    do throws(HostFailure) { try action.hostStep.perform(on: &primitives) } catch { failure = error }
    try save()
    if let failure { throw failure }
  }

  /// Reads from the simulated kernel.
  func look<Value: Sendable>(
    _ body: (borrowing SimulatedKernel) throws(HostFailure) -> Value
  ) throws(HostFailure) -> Value {
    try kernel.withLock { kernel throws(HostFailure) in try body(kernel) }
  }

  /// Changes the simulated kernel, and calls `written` with what came of it.
  func change<Value: Sendable>(
    _ body: (inout SimulatedKernel) throws(HostFailure) -> Value
  ) throws(HostFailure) -> Value {
    var seen: (before: HostState, after: HostState)?
    defer {
      // `save` takes this lock before that of the kernel, so it is not taken within that of the kernel.
      isSaved.withLock { $0 = false }
      if let seen { written?(seen.before, seen.after) }
    }
    return try kernel.withLock { kernel throws(HostFailure) in
      let before = written == nil ? nil : kernel.state
      defer { if let before { seen = (before, kernel.state) } }
      return try body(&kernel)
    }
  }

  /// Writes the state to its file, if it has one and has changed.
  private func save() throws(HostFailure) {
    guard let path else { return }
    try isSaved.withLock { isSaved throws(HostFailure) in
      if isSaved { return }
      isSaved = true
      do throws(Diagnostics) {
        try writeFile(HostState.form.encode(state).text + "\n", to: path)
      } catch {
        throw HostFailure(.refused, error.message)
      }
    }
  }
}
