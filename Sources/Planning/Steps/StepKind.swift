import Documents
import HostModel
import Manifests

/// A kind of step: its change, with the states before and after, and all properties that Planning
/// uses. Hosts and Reporting have separate protocols: `HostStep` and `StepPresentation`.
///
/// No requirement has a default implementation, so that each new kind implements all of them.
protocol StepKind: Sendable, Hashable {
  static var key: Action.Key { get }
  /// The form of the step in the JSON of a plan, under its key.
  static var variant: Variant<Action> { get }

  /// What the step does to the host.
  var sign: StepSign { get }
  /// The action that undoes the step, or `nil` if nothing needs to be undone.
  var inverse: Action? { get }
  var function: PCIAddress? { get }
  /// The device that is added to a guest or removed from it, or `nil` if the step does neither.
  var device: DeviceChange? { get }
  /// The device as the guest has it after the step, or `nil` if it does not have it then.
  var resultingDevice: DeviceChange? { get }
  /// The guest that the step changes.
  var guest: GuestManager? { get }
  var aspect: Aspect { get }
  var outlivesBoot: Bool { get }
  var recreatesFunctions: Bool { get }
  /// Whether guards need the processes that have functions open, read immediately before the step.
  /// Reading them requires a scan of all processes, so the value is false if no guard uses them,
  /// and if the primitive itself checks immediately before it writes (`Holdable`).
  var needsHolders: Bool { get }

  /// Returns how far the step has come, determined from the host alone.
  func state(on host: HostIndex) -> StepState
  /// Returns what the step disturbs on this host.
  func disturbance(on host: HostIndex) -> Step.Disturbance
  /// Returns what is not in sync until the step is done.
  func differences(for step: Step) -> [Difference]
  /// Returns the resources that the step uses on this host.
  func resources(on host: HostIndex) -> ResourceUse
  /// Returns the VFs of the PF after the step, or `nil` if the step neither creates nor deletes VFs.
  func virtualFunctions(afterwardsOn host: HostIndex) -> [PCIFunction]?
  func continuing(_ earlier: Action) -> Action?
  /// Adds the effect of the step, done after those that were added before, to the proposed change of its
  /// function. Guards judge that change.
  func add(to change: inout ProposedChange, on host: HostIndex)
}

extension HostIndex {
  /// Returns how far a step has come on this host.
  public func state(of action: Action) -> StepState { action.kind.state(on: self) }
}
