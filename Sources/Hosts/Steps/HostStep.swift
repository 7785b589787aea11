import HostModel
import Manifests
import Planning

/// The operations of one kind of step on a host. No requirement has a default implementation, so a new kind
/// must implement each of them.
protocol HostStep {
  /// The step with its "from" value read again, so that its inverse restores what is on the host now.
  func refreshed(on host: some HostPrimitives) throws(HostFailure) -> Action
  /// How far the step has come, read from as little of the host as possible.
  func state(on host: some HostPrimitives) throws(HostFailure) -> StepState
  /// Performs the step. Only `state` shows whether it took effect.
  func perform(on host: inout some HostPrimitives) throws(HostFailure)
  /// The failure to report if every call succeeded and `state(on:)` is not `done`.
  func unverified(_ state: StepState) -> HostFailure
  /// The time for which a guest or its manager may still work on the step after the run that
  /// started it has ended; nil if the step cannot outlast the lock of the host.
  func pending(_ timeouts: Timeouts) -> PendingAnswer?
}

/// The operations that the steps need of a host. The kernel or a manager of guests performs each
/// one as a whole. The order of the calls is defined once, in the files of the steps; the live and
/// the simulated host differ only in these operations.
protocol HostPrimitives {
  associatedtype Files: DriverFiles & VFFiles

  /// The files of sysfs and the VF settings of drivers.
  var files: Files { get set }

  /// Whether a PCI driver of this name is registered, built in or loaded.
  func hasDriver(_ name: String) -> Bool
  /// Loads a module by modprobe(8).
  mutating func load(module: String) throws(HostFailure)

  /// The managers of guests.
  var managers: GuestBackends { get }
  /// Removes a device from a guest through its manager. For a running guest, waits until the QEMU
  /// process has closed the function.
  func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure)
}

extension HostPrimitives {
  /// The manager of a guest.
  ///
  /// - Throws: `.unsupported` if the host has no managers.
  func backend(of guest: GuestManager) throws(HostFailure) -> any GuestBackend {
    try managers.required(guest.kind)
  }

  /// The guest as libvirt or QEMU shows it; nil if libvirt has no such domain, or if no QEMU answers at that
  /// socket.
  func guest(_ guest: GuestManager) throws(HostFailure) -> GuestState? {
    try backend(of: guest).guest(guest.name)
  }
}

/// The time for which libvirt or a guest may still complete a step after its run has ended.
struct PendingAnswer {
  let guest: GuestManager
  /// The time for the whole step.
  let time: Duration
  /// The time for the answer of the guest to an unplug request; zero if the step makes no such request.
  let unplug: Duration
}

extension Action {
  /// The step of the action. No other code in this layer distinguishes the kinds of steps.
  var hostStep: any HostStep {
    switch self {
    case .load(let step): step
    case .bind(let step): step
    case .resize(let step): step
    case .configure(let step): step
    case .attach(let step): step
    case .detach(let step): step
    case .edit(let step): step
    }
  }
}

extension Action {
  /// The failure to report if every call of the step succeeded and the step is not done.
  public func unverified(_ state: StepState) -> HostFailure { hostStep.unverified(state) }
}

extension HostFailure {
  /// The failure for most kinds of steps.
  static func unverified(_ state: StepState) -> HostFailure {
    if case .other(let found) = state { return HostFailure(.unverified, found) }
    return HostFailure(.unverified, "verification failed: nothing has changed")
  }
}
