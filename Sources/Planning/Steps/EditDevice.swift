import Documents
import HostModel
import Manifests

/// Edits a hostdev in the definition of a domain: its alias, `managed`, and the MAC address and
/// VLAN that libvirt sets. The element stays in its place, and the rest of the definition stays
/// unchanged byte for byte.
public struct EditDevice: StepKind {
  public var from: Hostdev
  public var to: Hostdev
  public var placement: Placement
  /// The SHA-256 of the rest of the definition when the edit began, as the journal records it.
  public var rest: String?

  public init(_ guest: GuestManager, from: Hostdev, to: Hostdev, rest: String? = nil) {
    placement = Placement(guest: guest, part: .persistent)
    self.from = from
    self.to = to
    self.rest = rest
  }

  private var name: String { placement.guest.name }

  static var key: Action.Key { .edit }
  var sign: StepSign { .changes }
  /// Without `rest`: other steps may have edited the rest of the definition since.
  var inverse: Action? { .edit(EditDevice(placement.guest, from: to, to: from)) }
  var function: PCIAddress? { to.address }
  var device: DeviceChange? { nil }
  var guest: GuestManager? { placement.guest }
  var resultingDevice: DeviceChange? { DeviceChange(to, placement, isAdded: true) }
  var aspect: Aspect { Aspect("device", of: to.address, placement) }
  var outlivesBoot: Bool { true }
  var recreatesFunctions: Bool { false }
  var needsHolders: Bool { false }

  func state(on host: HostIndex) -> StepState {
    guard case .known(let guest) = host.guest(placement.guest) else {
      return .other("the devices of the guest are unknown")
    }
    return state(in: guest)
  }

  /// Returns how far the step has come in a guest: not at all if the guest has no definition, or its
  /// definition does not have the device any more.
  public func state(in guest: GuestState?) -> StepState {
    let found = guest?.persistent?.first { $0.address == to.address && !$0.isCommandLineArgument }
    guard let found else { return .notDone }
    return StepState(
      isMet(from, by: found), isMet(to, by: found),
      otherwise: "the definition of \(name) has \(found.words(in: placement))")
  }

  /// Whether the definition has the desired device. Its address in the guest counts only if the
  /// edit changes it.
  private func isMet(_ desired: Hostdev, by found: Hostdev) -> Bool {
    found.isSame(inLibvirt: desired)
      && (from.guestAddress == to.guestAddress || found.guestAddress == desired.guestAddress)
  }

  /// Returns the device that the edit writes in place of the one that the definition has now.
  public func goal(for found: Hostdev) -> Hostdev {
    var goal = to
    if from.guestAddress == to.guestAddress { goal.guestAddress = found.guestAddress }
    return goal
  }

  func disturbance(on host: HostIndex) -> Step.Disturbance { .nothing }

  func differences(for step: Step) -> [Difference] {
    [
      Difference(
        .definition, desired: to.words(in: placement), observed: from.words(in: placement), in: step.guest,
        by: step)
    ]
  }

  /// libvirt takes the job lock of the whole domain.
  func resources(on host: HostIndex) -> ResourceUse { ResourceUse(exclusive: [.guest(placement.guest)]) }

  func virtualFunctions(afterwardsOn host: HostIndex) -> [PCIFunction]? { nil }

  func continuing(_ earlier: Action) -> Action? {
    guard case .edit(let earlier) = earlier, earlier.placement == placement,
      earlier.to.address == to.address
    else { return nil }
    return .edit(EditDevice(placement.guest, from: earlier.from, to: to, rest: earlier.rest))
  }

  /// Guards judge an edit as removing the device as it was and adding the device as it will be.
  func add(to change: inout ProposedChange, on host: HostIndex) {
    change.detach += (host.holdings[from.address] ?? []).filter {
      $0.placement == placement && $0.hostdev.isSame(inLibvirt: from)
    }
    change.attach.append(.init(hostdev: to, placement: placement))
  }

  static var variant: Variant<Action> {
    Variant(
      key.rawValue, form, "Change the element of a device in a definition.", wrap: { .edit($0) },
      unwrap: { if case .edit(let step) = $0 { step } else { nil } })
  }

  private static let form = Form<EditDevice>.record(
    "HostdevEdit", "A hostdev of a definition, before and after the change.",
    Field(
      "guest", \.placement.guest, DeviceChange.guest, "The guest, by the name that its manager has for it."),
    Field("from", \.from, Hostdev.form, "The device before the step."),
    Field("to", \.to, Hostdev.form, "The device after the step."),
    Field(
      "rest", \.rest, optional: .digest, "In a journal: the SHA-256 of the rest of the definition."),
    make: { guest, from, to, rest in EditDevice(guest, from: from, to: to, rest: rest) })
}
