import HostModel
import Manifests
import Planning

/// What a kind of step does on a host. No requirement has a default: each kind answers all of them.
protocol HostStep {
  /// The same step with what it changes from read again, so that its inverse leads back to what is there now.
  func refreshed(on host: some HostPrimitives) throws(HostFailure) -> Action
  /// How far the step has come, read from as little of the host as possible.
  func state(on host: some HostPrimitives) throws(HostFailure) -> StepState
  /// Performs the step. Only `state` shows whether it took effect.
  func perform(on host: inout some HostPrimitives) throws(HostFailure)
  /// The failure where every call succeeded and `state` shows otherwise.
  func unverified(_ state: StepState) -> HostFailure
  /// How long a guest or its manager may still be at work on the step after the pcipass that started it is gone; nil
  /// where the lock of the host tells that.
  func pending(_ timeouts: Timeouts) -> PendingAnswer?
}

/// What the steps need of a host, so small that the kernel or a manager of guests does each as one. The files of the steps
/// have the order of these calls once; the live and the simulated host differ only in these calls.
protocol HostPrimitives {
  associatedtype Files: DriverFiles & VFFiles

  /// What sysfs and drivers offer for functions.
  var files: Files { get set }

  /// Whether the driver of that name is registered, be it built in or loaded.
  func hasDriver(_ name: String) -> Bool
  /// Loads a module by modprobe(8).
  mutating func load(module: String) throws(HostFailure)

  /// The managers of guests.
  var managers: GuestBackends { get }
  /// Removes a device from a guest by its manager; from a running guest, this waits until its process has closed the
  /// function.
  func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure)
}

extension HostPrimitives {
  /// The manager of a guest.
  ///
  /// - Throws: `.unsupported` where the host is only a tree of files.
  func backend(of guest: GuestManager) throws(HostFailure) -> any GuestBackend {
    guard let backend = managers[guest.kind] else {
      throw HostFailure(.unsupported, "a tree of files cannot be changed")
    }
    return backend
  }

  /// A guest as its manager shows it; nil where it does not run, or is not defined.
  func guest(_ guest: GuestManager) throws(HostFailure) -> GuestState? {
    try backend(of: guest).guest(guest.name)
  }
}

/// How long a guest and its manager may still be at work on a step.
struct PendingAnswer {
  let guest: GuestManager
  /// For the whole step.
  let time: Duration
  /// For the guest, which was asked to release a device; zero where it was asked nothing.
  let unplug: Duration
}

extension Action {
  /// The step of the action. No other code in this layer asks which kind it is.
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
  /// The failure of a step whose calls all succeeded, and which is not done.
  public func unverified(_ state: StepState) -> HostFailure { hostStep.unverified(state) }
}

extension HostFailure {
  static func unverified(_ state: StepState) -> HostFailure {
    if case .other(let found) = state { return HostFailure(.unverified, found) }
    return HostFailure(.unverified, "reading back shows that nothing has changed")
  }
}
