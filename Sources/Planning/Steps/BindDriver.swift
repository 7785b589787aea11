import Documents
import HostModel
import Manifests

/// Binds a function to a driver by `driver_override`, `unbind` and `drivers_probe` (Linux,
/// `Documentation/ABI/testing/sysfs-bus-pci`).
public struct BindDriver: StepKind {
  public var address: PCIAddress
  public var from: Binding
  public var to: Binding

  public init(_ address: PCIAddress, from: Binding, to: Binding) {
    self.address = address
    self.from = from
    self.to = to
  }

  static var key: Action.Key { .bind }
  var sign: StepSign { .changes }
  var inverse: Action? { .bind(address, from: to, to: from) }
  var function: PCIAddress? { address }
  var device: DeviceChange? { nil }
  var resultingDevice: DeviceChange? { nil }
  var guest: GuestManager? { nil }
  var aspect: Aspect { Aspect("driver", of: address) }
  var outlivesBoot: Bool { false }
  var recreatesFunctions: Bool { false }
  var needsHolders: Bool { false }

  func state(on host: HostIndex) -> StepState {
    host.functions[address].map { state(at: Binding(of: $0)) } ?? .other("\(address) is gone")
  }

  /// Returns how far the step has come on a function with this binding.
  public func state(at now: Binding) -> StepState {
    StepState(from.isMet(by: now), to.isMet(by: now), otherwise: "\(address) is bound to \(now)")
  }

  func disturbance(on host: HostIndex) -> Step.Disturbance {
    let takesFromHost = Drivers.isPassthrough(to.driver) && !Drivers.isPassthrough(from.driver)
    return takesFromHost && host.functions[address]?.isUsedByHost ?? false ? .hostNetwork : .nothing
  }

  /// Returns the driver as a difference, and the override as one of its own only where it is not a part of
  /// changing the driver.
  func differences(for step: Step) -> [Difference] {
    // Unbinding VFs before their PF gets another number of them is a part of that difference.
    if step.isRelease { return [] }
    let (isOtherDriver, isOtherOverride) = (from.driver != to.driver, from.override != to.override)
    var result: [Difference] = []
    if isOtherDriver || !isOtherOverride {
      let desired = to.isChosenByKernel ? "the kernel's choice" : to.driver ?? "none"
      let observed = (from.driver ?? "none") + (isOtherDriver ? "" : ", which libvirt may change")
      result.append(Difference(.driver, desired: desired, observed: observed, by: step))
    }
    if isOtherOverride, !isOtherDriver || from.override != nil {
      result.append(
        Difference(
          .override, desired: to.override ?? "none", observed: from.override ?? "none", by: step))
    }
    return result
  }

  func resources(on host: HostIndex) -> ResourceUse { host.binding(of: address) }

  func virtualFunctions(afterwardsOn host: HostIndex) -> [PCIFunction]? { nil }

  func continuing(_ earlier: Action) -> Action? {
    guard case .bind(let earlier) = earlier, earlier.address == address else { return nil }
    return .bind(address, from: earlier.from, to: to)
  }

  func add(to change: inout ProposedChange, on host: HostIndex) { change.goal = to }

  static var variant: Variant<Action> {
    Variant(
      key.rawValue, form, "Bind a function to a driver.", wrap: { .bind($0) },
      unwrap: { if case .bind(let step) = $0 { step } else { nil } })
  }

  private static let form = Form<BindDriver>.record(
    "Bind", "A function and its bindings.",
    Field("function", \.address, PCIAddress.form, "The function."),
    Field("from", \.from, Binding.form, "The binding before the step."),
    Field("to", \.to, Binding.form, "The binding after the step."),
    make: { address, from, to in BindDriver(address, from: from, to: to) })
}

extension Action {
  /// Binds a function to a driver.
  public static func bind(_ address: PCIAddress, from: Binding, to: Binding) -> Action {
    .bind(BindDriver(address, from: from, to: to))
  }
}

extension Step {
  /// Whether the step unbinds a VF because its PF is about to delete all of its VFs.
  var isRelease: Bool { if case .bind = action { reason == .replaced } else { false } }
}
