import Documents
import HostModel
import Manifests
import Planning

/// Access to a host. `LiveHost` and `SimulatedHost` conform; every command and the executor work through this
/// protocol.
public protocol Host: Sendable {
  /// The complete observed state of the host.
  ///
  /// A source that cannot be read is `unavailable` in the state, with its reason.
  ///
  /// - Throws: if the host has no readable list of PCI functions or no name.
  func observe() throws(Diagnostics) -> HostState

  /// The state of the host after these actions. Only the functions and guests that the actions change are
  /// read again; the rest is taken from `before`.
  ///
  /// - Throws: as `observe()`.
  func observe(after actions: [Action], since before: HostState) throws(Diagnostics) -> HostState

  /// The state of the host for the transition guards of one action. The function of the action, the members
  /// of its IOMMU group and the guests that have any of these are read again; the rest is taken from
  /// `before`. Processes are searched for open devices only if a guard checks that for this action
  /// (`Action.needsHolders`).
  ///
  /// - Throws: as `observe()`.
  func observe(about action: Action, since before: HostState) throws(Diagnostics) -> HostState

  /// Sets the interface of a function up (`ip link set … up`).
  ///
  /// - Throws: `HostFailure` if the function has no interface, or the kernel refuses.
  func setInterfaceUp(_ address: PCIAddress) throws(HostFailure)

  /// Starts a libvirt domain from its definition, as `virsh start` does.
  ///
  /// - Throws: `HostFailure` with the error of libvirt.
  func start(_ domain: String) throws(HostFailure)

  /// Stores the MAC addresses, interface names and drivers of functions for later runs, because a function on a
  /// passthrough driver shows none of them.
  ///
  /// - Throws: if the state folder cannot be read or written.
  func remember(_ state: HostState) throws(Diagnostics)

  /// Changes the stored assignments, because a guest that does not run may not show what it has.
  ///
  /// - Throws: if the state folder cannot be read or written.
  func remember(_ change: AssignmentChange) throws(Diagnostics)

  /// The action with its "from" value read again, so that its inverse restores what is on the host at this
  /// moment.
  ///
  /// - Throws: `HostFailure` if the "from" value cannot be read.
  func refreshed(_ action: Action) throws(HostFailure) -> Action

  /// Whether the action is done, not done, or neither. Only what the action changes is read.
  ///
  /// - Throws: `HostFailure` if that cannot be read.
  func state(of action: Action) throws(HostFailure) -> StepState

  /// Waits until a guest or libvirt can no longer complete an action that an earlier, interrupted run of
  /// pcipass started. Recovery reads the state of the action after this wait. The wait is not longer than
  /// that of the earlier run: `Timeouts`, counted from the start of the action.
  ///
  /// - Parameter ago: the time since the action was started.
  func settle(_ action: Action, begun ago: Duration)

  /// Performs the action. Success means that every call succeeded, not that the action is done: the caller
  /// verifies by `state(of:)`.
  ///
  /// - Parameter step: the name of the step, which is passed to the trace.
  /// - Throws: `HostFailure` if a call fails, or if it does not end within `Timeouts`.
  func perform(_ action: Action, step: String) throws(HostFailure)
}

/// The reason why an action failed.
public struct HostFailure: Error, Sendable, Equatable {
  /// The kind of failure. Its raw value is a stable code in outputs.
  public enum Kind: String, CaseIterable, Sendable {
    /// The kernel, libvirt, QEMU or the guest rejected the action.
    case refused
    /// A call has not ended within its deadline. It may still take effect, so the state of the host is
    /// unknown.
    case stuck
    /// Every call succeeded, and verification shows that the action is not done.
    case unverified
    /// Part of the host could not be read.
    case unreadable
    /// The guest has not answered an unplug request. It still has the device.
    case unanswered
    /// A process has the function open.
    case inUse = "in-use"
    /// The host or this version of pcipass does not support the action.
    case unsupported
    /// A signal ended the run before the step was started.
    case stopped
  }

  public var kind: Kind
  /// The code of the guard that refuses the action; nil if no guard refuses it.
  public var refusal: Refusal.Code?
  public var message: String
  /// What the operator can do, with a command if there is one.
  public var help: String?

  public init(_ kind: Kind, _ message: String, help: String? = nil, refusal: Refusal.Code? = nil) {
    self.kind = kind
    self.refusal = refusal
    self.message = message
    self.help = help
  }

  /// The stable code in the output: that of the guard, as in plans, or else that of the kind.
  public var code: String { refusal?.rawValue ?? kind.rawValue }
}
