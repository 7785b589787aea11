import Documents
import Files
import Glibc
import HostModel
import Planning
import Synchronization

/// A host that starts from a snapshot and simulates the kernel, libvirt and QEMU. It writes its
/// state to the file of the snapshot, from which the next command starts.
public final class SimulatedHost: Host {
  private let path: String?
  private let stateFolder: String?
  /// Whether neither guests nor libvirt networks are shown.
  private let hidesGuests: Bool
  private let kill: @Sendable () -> Void
  private let written: Written?
  private let kernel: Mutex<SimulatedKernel>
  /// Whether the file contains the current state.
  private let isSaved = Mutex(true)

  /// A function that is called after each write, with the states before and after the write.
  public typealias Written = @Sendable (_ before: HostState, _ after: HostState) -> Void

  /// - Parameters:
  ///   - path: the file to which the state is written after each step; nil keeps it in memory.
  ///   - stateFolder: the folder of what pcipass remembers of assignments; nil keeps it in the state.
  ///   - hidesGuests: whether the guests are not looked at (`--part host`).
  ///   - written: called after each write.
  ///   - kill: called at the fault `killed`; it ends pcipass.
  public init(
    _ state: HostState, path: String? = nil, stateFolder: String? = nil, hidesGuests: Bool = false,
    written: Written? = nil,
    kill: @escaping @Sendable () -> Void = {
      // The output of earlier steps is written by another thread, and is part of what a document shows.
      usleep(50_000)
      _ = Glibc.kill(getpid(), SIGKILL)
    }
  ) {
    self.path = path
    self.stateFolder = stateFolder
    self.hidesGuests = hidesGuests
    self.kill = kill
    self.written = written
    var kernel = SimulatedKernel(state: state)
    kernel.removeLeaving()
    self.kernel = Mutex(kernel)
  }

  /// The current state of the host.
  public var state: HostState { kernel.withLock { $0.state } }

  private var shown: HostState { hidesGuests ? state.withoutGuests : state }

  public func observe() throws(Diagnostics) -> HostState {
    var state = shown
    if let stateFolder { state.assignments = AssignmentStore.observed(in: stateFolder) }
    return state
  }

  public func setInterfaceUp(_ address: PCIAddress) throws(HostFailure) {
    try change { kernel throws(HostFailure) in try kernel.setInterfaceUp(address) }
    try save()
  }

  public func observe(after actions: [Action], since before: HostState) throws(Diagnostics) -> HostState {
    try observe()
  }

  public func observe(about action: Action, since before: HostState) throws(Diagnostics) -> HostState {
    var state = shown
    if stateFolder != nil { state.assignments = before.assignments }
    return state
  }

  /// Does nothing, because the state itself contains the identities of functions.
  public func remember(_ state: HostState) {}

  public func remember(_ change: AssignmentChange) throws(Diagnostics) {
    if let stateFolder { return try AssignmentStore.remember(change, in: stateFolder) }
    kernel.withLock { kernel in
      let known = kernel.state.assignments?.value
      kernel.state.assignments = change.applied(to: known).map { .known($0) }
    }
  }

  public func refreshed(_ action: Action) throws(HostFailure) -> Action {
    try action.hostStep.refreshed(on: SimulatedPrimitives(of: self))
  }

  public func state(of action: Action) throws(HostFailure) -> StepState {
    try action.hostStep.state(on: SimulatedPrimitives(of: self))
  }

  /// Returns at once, because no other process works on a simulated host.
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
        // The error is ignored, because after the kill no process can report it.
        try? run(action, writes: fault.writes)
        kill()
        throw HostFailure(.stuck, "pcipass was killed at \(step) (a fault of the simulated host)")
      }
    }
    try run(action)
  }

  /// Performs an action and writes the state to the file, even if the action fails: changes before
  /// the failure remain, as on a real host.
  ///
  /// - Parameter writes: the number of writes that succeed before pcipass is killed; nil if it is
  ///   not killed.
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

  /// Changes the simulated kernel and calls `written` with the states before and after.
  func change<Value: Sendable>(
    _ body: (inout SimulatedKernel) throws(HostFailure) -> Value
  ) throws(HostFailure) -> Value {
    var seen: (before: HostState, after: HostState)?
    defer {
      // `save` acquires this lock before the lock of the kernel, so it must not be acquired while
      // that one is held.
      isSaved.withLock { $0 = false }
      if let seen { written?(seen.before, seen.after) }
    }
    return try kernel.withLock { kernel throws(HostFailure) in
      let before = written == nil ? nil : kernel.state
      defer { if let before { seen = (before, kernel.state) } }
      return try body(&kernel)
    }
  }

  /// Writes the state to the file if there is one and the state has changed.
  func save() throws(HostFailure) {
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
