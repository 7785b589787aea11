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
  private let written: Written?
  private let kernel: Mutex<SimulatedKernel>
  /// Whether the file shows the state.
  private let isSaved = Mutex(true)

  /// Sees each single write: the host before it and after it.
  public typealias Written = @Sendable (_ before: HostState, _ after: HostState) -> Void

  /// - Parameters:
  ///   - path: where the state is written back after each change; nil keeps it in memory.
  ///   - written: what sees each write; nil for none.
  ///   - kill: ends pcipass where a fault asks for that.
  public init(
    _ state: HostState, path: String? = nil, written: Written? = nil,
    kill: @escaping @Sendable () -> Void = { _ = Glibc.kill(getpid(), SIGKILL) }
  ) {
    self.path = path
    self.kill = kill
    self.written = written
    var kernel = SimulatedKernel(state: state)
    kernel.letGoWhatIsLeaving()
    self.kernel = Mutex(kernel)
  }

  public var state: HostState { kernel.withLock { $0.state } }

  public func observe() throws(Diagnostics) -> HostState { state }

  public func observe(after actions: [Action], since before: HostState) throws(Diagnostics) -> HostState {
    state
  }

  public func observe(about action: Action, since before: HostState) throws(Diagnostics) -> HostState {
    state
  }

  /// Nothing to do: a simulated function remembers by itself, in the state.
  public func remember(_ state: HostState) throws(Diagnostics) {}

  public func refreshed(_ action: Action) throws(HostFailure) -> Action {
    try action.hostStep.refreshed(on: SimulatedPrimitives(of: self))
  }

  public func state(of action: Action) throws(HostFailure) -> StepState {
    try action.hostStep.state(on: SimulatedPrimitives(of: self))
  }

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
        try? carryOut(action, writes: fault.writes)
        kill()
        throw HostFailure(.stuck, "pcipass was killed at \(step) (a fault of the simulated host)")
      }
    }
    try carryOut(action)
  }

  /// A signal does not shorten it.
  private func pause(_ seconds: Int) {
    let end = ContinuousClock.now + .seconds(seconds)
    while .now < end { usleep(10_000) }
  }

  /// What a failed action has changed until then stays, as on a real host, and is written too.
  private func carryOut(_ action: Action, writes: Int? = nil) throws(HostFailure) {
    var primitives = SimulatedPrimitives(of: self, writes: writes)
    var failure: HostFailure?
    do throws(HostFailure) { try action.hostStep.perform(on: &primitives) } catch { failure = error }
    try save()
    if let failure { throw failure }
  }

  func look<Value: Sendable>(
    _ body: (borrowing SimulatedKernel) throws(HostFailure) -> Value
  ) throws(HostFailure) -> Value {
    try kernel.withLock { kernel throws(HostFailure) in try body(kernel) }
  }

  func change<Value: Sendable>(
    _ body: (inout SimulatedKernel) throws(HostFailure) -> Value
  ) throws(HostFailure) -> Value {
    var seen: (before: HostState, after: HostState)?
    defer { if let seen { written?(seen.before, seen.after) } }
    return try kernel.withLock { kernel throws(HostFailure) in
      let before = written == nil ? nil : kernel.state
      defer {
        isSaved.withLock { $0 = false }
        if let before { seen = (before, kernel.state) }
      }
      return try body(&kernel)
    }
  }

  /// Writes the state back, if there is a file for it and it has changed.
  private func save() throws(HostFailure) {
    guard let path else { return }
    try isSaved.withLock { isSaved throws(HostFailure) in
      if isSaved { return }
      isSaved = true
      do throws(Diagnostic) {
        try writeFile(HostState.form.encode(state).text + "\n", to: path)
      } catch {
        throw HostFailure(.refused, error.message)
      }
    }
  }
}
