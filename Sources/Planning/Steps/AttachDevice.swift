import Documents
import HostModel
import Manifests

/// Adds a hostdev to the definition of a guest, or hot-plugs it into the running guest.
public struct AttachDevice: StepKind {
  public var hostdev: Hostdev
  public var placement: Placement

  public init(_ hostdev: Hostdev, _ placement: Placement) {
    self.hostdev = hostdev
    self.placement = placement
  }

  /// The step as a change of a guest's devices.
  public var change: DeviceChange { DeviceChange(hostdev, placement, isAdded: true) }

  static var key: Action.Key { .attach }
  var sign: StepSign { .adds }
  var inverse: Action? { .detach(hostdev, placement) }
  var function: PCIAddress? { hostdev.address }
  var device: DeviceChange? { change }
  var guest: GuestManager? { placement.guest }
  var resultingDevice: DeviceChange? { change }
  var aspect: Aspect { change.aspect }
  var outlivesBoot: Bool { change.outlivesBoot }
  var recreatesFunctions: Bool { false }
  var needsHolders: Bool { placement.part == .live }

  func state(on host: HostIndex) -> StepState { change.state(on: host) }
  func disturbance(on host: HostIndex) -> Step.Disturbance { change.disturbance }
  func differences(for step: Step) -> [Difference] { change.differences(for: step) }
  func resources(on host: HostIndex) -> ResourceUse { change.resources(on: host) }
  func virtualFunctions(afterwardsOn host: HostIndex) -> [PCIFunction]? { nil }
  func continuing(_ earlier: Action) -> Action? { nil }

  func add(to change: inout ProposedChange, on host: HostIndex) {
    change.attach.append(.init(hostdev: hostdev, placement: placement))
  }

  static var variant: Variant<Action> {
    Variant(
      key.rawValue, DeviceChange.form, "Add a device to a guest.",
      wrap: { .attach(AttachDevice($0.hostdev, $0.placement)) },
      unwrap: { if case .attach(let step) = $0 { step.change } else { nil } })
  }
}

extension Action {
  /// Adds a hostdev to a guest.
  public static func attach(_ hostdev: Hostdev, _ placement: Placement) -> Action {
    .attach(AttachDevice(hostdev, placement))
  }
}
