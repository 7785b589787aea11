import Documents
import HostModel
import Manifests

/// Loads the module of a driver: `modprobe NAME`.
public struct LoadModule: StepKind {
  /// The name of the module, which is also the name of the driver that it registers.
  public var module: String

  public init(module: String) { self.module = module }

  static var key: Action.Key { .load }
  var sign: StepSign { .adds }
  var inverse: Action? { nil }
  var function: PCIAddress? { nil }
  var device: DeviceChange? { nil }
  var resultingDevice: DeviceChange? { nil }
  var guest: GuestManager? { nil }
  var aspect: Aspect { Aspect("module", of: module) }
  var outlivesBoot: Bool { false }
  var recreatesFunctions: Bool { false }
  var needsHolders: Bool { false }

  /// Returns `done` if it is not known which drivers are registered.
  func state(on host: HostIndex) -> StepState {
    host.drivers?.contains(module) ?? true ? .done : .notDone
  }

  func disturbance(on host: HostIndex) -> Step.Disturbance { .nothing }

  func differences(for step: Step) -> [Difference] {
    [Difference(.module, desired: "loaded", observed: "not loaded", by: step)]
  }

  func resources(on host: HostIndex) -> ResourceUse { ResourceUse(exclusive: [.module(module)]) }

  func virtualFunctions(afterwardsOn host: HostIndex) -> [PCIFunction]? { nil }

  func continuing(_ earlier: Action) -> Action? { nil }

  func add(to change: inout ProposedChange, on host: HostIndex) {}

  static var variant: Variant<Action> {
    Variant(
      key.rawValue, .fileName("the name of a module"),
      "Load this kernel module. A rollback does not unload it.",
      wrap: { .load(LoadModule(module: $0)) },
      unwrap: { if case .load(let step) = $0 { step.module } else { nil } })
  }
}

extension Action {
  /// Loads a kernel module.
  public static func load(module: String) -> Action { .load(LoadModule(module: module)) }
}
