import Documents
import HostModel
import Manifests

/// Removes a hostdev from the definition of a guest, or hot-unplugs it from the running guest.
public struct DetachDevice: StepKind {
  public var hostdev: Hostdev
  public var placement: Placement

  public init(_ hostdev: Hostdev, _ placement: Placement) {
    self.hostdev = hostdev
    self.placement = placement
  }

  /// The step as a change of a guest's devices.
  public var change: DeviceChange { DeviceChange(hostdev, placement, isAdded: false) }

  static var key: Action.Key { .detach }
  var sign: StepSign { .removes }
  var inverse: Action? { .attach(hostdev, placement) }
  var function: PCIAddress? { hostdev.address }
  var device: DeviceChange? { change }
  var guest: GuestManager? { placement.guest }
  var resultingDevice: DeviceChange? { nil }
  var aspect: Aspect { change.aspect }
  var outlivesBoot: Bool { change.outlivesBoot }
  var recreatesFunctions: Bool { false }
  var needsHolders: Bool { false }

  func state(on host: HostIndex) -> StepState { change.state(on: host) }
  func disturbance(on host: HostIndex) -> Step.Disturbance { change.disturbance }
  func differences(for step: Step) -> [Difference] { change.differences(for: step) }
  func resources(on host: HostIndex) -> ResourceUse { change.resources(on: host) }
  func virtualFunctions(afterwardsOn host: HostIndex) -> [PCIFunction]? { nil }
  func continuing(_ earlier: Action) -> Action? { nil }

  func add(to change: inout ProposedChange, on host: HostIndex) {
    change.detach += (host.holdings[hostdev.address] ?? []).filter {
      $0.placement == placement && placement.guest.isSame($0.hostdev, hostdev)
    }
  }

  static var variant: Variant<Action> {
    Variant(
      key.rawValue, DeviceChange.form, "Remove a device from a guest.",
      wrap: { .detach(DetachDevice($0.hostdev, $0.placement)) },
      unwrap: { if case .detach(let step) = $0 { step.change } else { nil } })
  }
}

extension Action {
  /// Removes a hostdev from a guest.
  public static func detach(_ hostdev: Hostdev, _ placement: Placement) -> Action {
    .detach(DetachDevice(hostdev, placement))
  }
}
