import Documents
import HostModel
import Manifests

/// A kind of step: what it changes, from what to what, and all that planning must know of it. Hosts and Reporting have a
/// protocol of their own for what they must know.
///
/// No requirement has a default: a new kind answers each.
protocol StepKind: Sendable, Hashable {
  static var key: Action.Key { get }
  /// How it stands in a plan's JSON, behind its key.
  static var variant: Variant<Action> { get }

  /// What undoes it; nil where it does no harm.
  var inverse: Action? { get }
  var function: PCIAddress? { get }
  /// What it adds to a guest or removes from it.
  var device: DeviceChange? { get }
  /// The device as a guest has it afterwards.
  var placed: DeviceChange? { get }
  /// The guest that it changes.
  var guest: GuestManager? { get }
  var aspect: Aspect { get }
  var outlivesBoot: Bool { get }
  var remakesFunctions: Bool { get }
  /// Whether guards ask at its moment which processes have functions open, for which all processes are looked through. They
  /// do not where nothing depends on it, nor where its primitive looks itself, right before the write (`Holdable`).
  var asksForHolders: Bool { get }

  /// How far it has come, from what the host shows.
  func state(on host: HostIndex) -> StepState
  /// What is disturbed when it is done on this host.
  func disturbance(on host: HostIndex) -> Step.Disturbance
  /// What is not as declared while it is not done.
  func differences(for step: Step) -> [Difference]
  /// What no other step may use at the same time.
  func resources(on host: HostIndex) -> ResourceUse
  /// The VFs that are there afterwards, where it makes them; nil where functions stay.
  func virtualFunctions(afterwardsOn host: HostIndex) -> [PCIFunction]?
  func continuing(_ earlier: Action) -> Action?
  /// Adds what it makes of its function, behind the steps before it, for the guards to judge.
  func add(to change: inout ProposedChange, on host: HostIndex)
}

extension HostIndex {
  /// How far a step has come on this host.
  public func state(of action: Action) -> StepState { action.kind.state(on: self) }
}
