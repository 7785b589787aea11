import Documents
import HostModel
import Manifests

/// Changes the settings of a VF, which its PF holds: MAC address, VLAN, trust and so on.
public struct ConfigureVF: StepKind {
  public var place: VFLocation
  /// The present values of the settings that change.
  public var from: VFSettings
  /// The settings to set. Those that are `nil` stay as they are.
  public var to: VFSettings

  public init(_ place: VFLocation, from: VFSettings, to: VFSettings) {
    self.place = place
    self.from = from
    self.to = to
  }

  static var key: Action.Key { .configure }
  var sign: StepSign { .changes }
  var inverse: Action? { .configure(place, from: to, to: from) }
  var function: PCIAddress? { place.address }
  var device: DeviceChange? { nil }
  var resultingDevice: DeviceChange? { nil }
  var guest: GuestManager? { nil }
  var aspect: Aspect { Aspect("vf-settings", of: place.address) }
  var outlivesBoot: Bool { false }
  var recreatesFunctions: Bool { false }
  var needsHolders: Bool { true }

  func state(on host: HostIndex) -> StepState {
    guard let settings = host.functions[place.address]?.virtualFunction?.settings else {
      return .other("\(place.address) is not a virtual function, or no longer exists")
    }
    return state(at: settings)
  }

  /// Returns how far the step has come if the PF holds these settings of the VF.
  public func state(at settings: Observed<VFSettings>) -> StepState {
    switch settings {
    case .known(let now):
      StepState(
        from.isMet(by: now), to.isMet(by: now),
        otherwise: "\(place.address) has \(to.counterpart(in: now))")
    case .unavailable(let reason):
      .other("the VF settings of \(place.address) are unknown: \(reason)")
    }
  }

  func disturbance(on host: HostIndex) -> Step.Disturbance {
    host.holdings[place.address]?.contains { $0.part == .live } ?? false ? .runningGuest : .nothing
  }

  func differences(for step: Step) -> [Difference] {
    [Difference(.vfSettings, desired: "\(to)", observed: "\(from)", in: step.guest, by: step)]
  }

  func resources(on host: HostIndex) -> ResourceUse {
    ResourceUse(
      exclusive: [.function(place.address), .vfSettings(of: place.physicalFunction)],
      shared: [.vfCount(of: place.physicalFunction)])
  }

  func virtualFunctions(afterwardsOn host: HostIndex) -> [PCIFunction]? { nil }

  func continuing(_ earlier: Action) -> Action? {
    guard case .configure(let earlier) = earlier, earlier.place == place else { return nil }
    return .configure(place, from: from.with(earlier.from), to: to)
  }

  func add(to change: inout ProposedChange, on host: HostIndex) { change.configure = (place, from, to) }

  static var variant: Variant<Action> {
    Variant(
      key.rawValue, form, "Change the settings of a VF.", wrap: { .configure($0) },
      unwrap: { if case .configure(let step) = $0 { step } else { nil } })
  }

  private static let form = Form<ConfigureVF>.record(
    "Configure", "A VF and its settings, which its PF holds.",
    Field("function", \.place.address, PCIAddress.form, "The VF."),
    Field("physicalFunction", \.place.physicalFunction, PCIAddress.form, "Its PF."),
    Field("index", \.place.index, .integer(0...65535), "Its number on the PF."),
    Field("from", \.from, VFSettings.form, "The settings before the step."),
    Field("to", \.to, VFSettings.form, "The settings after the step."),
    make: { address, physicalFunction, index, from, to in
      ConfigureVF(
        VFLocation(address: address, physicalFunction: physicalFunction, index: index), from: from, to: to)
    })
}

extension Action {
  /// Changes the settings of a VF. Settings that are `nil` in `to` stay as they are.
  public static func configure(_ place: VFLocation, from: VFSettings, to: VFSettings) -> Action {
    .configure(ConfigureVF(place, from: from, to: to))
  }
}
