import HostModel
import Manifests
import Planning

/// What a kind of step does on a host. No requirement has a default: a new kind answers each.
protocol HostStep {
  /// The same step with what it changes from read again, so that its inverse leads back to what is there now.
  func refreshed(on host: some HostPrimitives) throws(HostFailure) -> Action
  /// How far it has come, read from as little as it is about.
  func state(on host: some HostPrimitives) throws(HostFailure) -> StepState
  /// Does it. That this returns says nothing yet: `state` does.
  func perform(on host: inout some HostPrimitives) throws(HostFailure)
  /// What is said where every call succeeded and `state` shows otherwise.
  func unverified(_ state: StepState) -> HostFailure
  /// Who may still be at work on it when the pcipass that began it is gone; nil where the lock tells that.
  func pending(_ timeouts: Timeouts) -> PendingAnswer?
}

/// What the steps need of a host, small enough that the kernel, libvirt or QEMU does each as one. The order in which steps
/// use these is written once, in the files of the steps; the live and the simulated host differ only here.
protocol HostPrimitives {
  associatedtype Files: DriverFiles & VFFiles

  /// What sysfs and drivers offer for functions.
  var files: Files { get set }

  /// Whether the driver of that name is registered, be it built in or loaded.
  func hasDriver(_ name: String) -> Bool
  mutating func load(module: String) throws(HostFailure)

  /// A guest as its manager shows it; nil where it does not run, or is not defined.
  func guest(_ manager: GuestManager) throws(HostFailure) -> GuestState?
  mutating func attach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure)
  /// Of a running guest: asks for it, and waits until the guest has let it go.
  mutating func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure)
  /// A device in the definition of a domain as it is now, with what can be known of all else.
  func definition(of hostdev: Hostdev, _ placement: Placement, as device: Hostdev.Device) throws(HostFailure)
    -> DefinedDevice
  /// Edits a device in the definition, and nothing else. Fails where that is not what came of it.
  mutating func edit(_ edit: EditDevice) throws(HostFailure)
}

/// A device in the definition of a domain.
struct DefinedDevice {
  let hostdev: Hostdev
  /// Its XML as the kind of device that was asked for, where it says more than the fields of a `Hostdev`.
  let element: String?
  /// The SHA-256 of all else of the definition.
  let rest: String?
}

/// How long others may still be at work on a step.
struct PendingAnswer {
  let guest: GuestManager
  /// For all of it.
  let time: Duration
  /// For the guest itself, which was asked to let a device go; zero where it was asked nothing.
  let unplug: Duration
}

extension Action {
  /// The only switch over the kinds in this layer.
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
  /// The failure of a step whose calls all succeeded and that did not come to its end.
  public func unverified(_ state: StepState) -> HostFailure { hostStep.unverified(state) }
}

extension HostFailure {
  static func unverified(_ state: StepState) -> HostFailure {
    if case .other(let found) = state { return HostFailure(.unverified, found) }
    return HostFailure(.unverified, "reading back shows that nothing has changed")
  }
}
