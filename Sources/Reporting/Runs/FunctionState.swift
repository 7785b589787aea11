import Documents
import HostModel
import Manifests
import Planning

/// A function of a plan as it was read from the host, and the guests that have it.
struct FunctionState: Sendable {
  /// A guest that has the function.
  struct GuestWithFunction: Sendable {
    var guest: GuestReference
    var isInDefinition: Bool
    var isRunning: Bool
  }

  var address: PCIAddress
  /// False where no function has this address any more.
  var isPresent: Bool
  var driver: String?
  var driverOverride: String?
  var vfCount: Int?
  /// Nil where guests were not looked at.
  var guests: [GuestWithFunction]?

  /// The functions of the plan's steps, in their order.
  static func all(of plan: Plan, on state: HostState, _ labels: GuestLabels) -> [FunctionState] {
    var seen: Set<PCIAddress> = []
    return plan.steps.compactMap(\.action.function).filter { seen.insert($0).inserted }
      .map { FunctionState($0, on: state, labels) }
  }

  private init(_ address: PCIAddress, on state: HostState, _ labels: GuestLabels) {
    let function = state[address]
    self.address = address
    isPresent = function != nil
    driver = function?.driver
    driverOverride = function?.driverOverride
    vfCount = function?.sriov?.count
    guests =
      state.hidesGuests
      ? nil
      : state.allGuests.compactMap { manager, guest in
        let isRunning = guest.live?.contains { $0.address == address } ?? false
        let isInDefinition = guest.persistent?.contains { $0.address == address } ?? false
        guard isRunning || isInDefinition else { return nil }
        return GuestWithFunction(
          guest: labels.reference(to: manager), isInDefinition: isInDefinition, isRunning: isRunning)
      }
  }

  static let form = OutputForm<FunctionState>.record(
    "FunctionState", "A function as it was read from the host.",
    [
      OutputField("address", \.address, PCIAddress.form.output, "The PCI address."),
      OutputField("present", \.isPresent, .boolean, "Whether a function has this address."),
      OutputField("driver", \.driver, optional: .text, "The driver; absent where it has none."),
      OutputField("driverOverride", \.driverOverride, optional: .text, "driver_override, if it is set."),
      OutputField("vfCount", \.vfCount, optional: .count, "The number of VFs of a PF."),
      OutputField(
        "guests", \.guests, optional: .list(of: GuestWithFunction.form),
        "The guests that have it; absent where guests were not looked at (--part host)."),
    ])
}

extension FunctionState.GuestWithFunction {
  static let form = OutputForm<Self>.record(
    "GuestWithFunction", "A guest that has a function.",
    [
      OutputField("guest", \.guest, GuestReference.form.output, "The guest."),
      OutputField("defined", \.isInDefinition, .boolean, "Whether its definition has the function."),
      OutputField("live", \.isRunning, .boolean, "Whether the running guest has the function."),
    ])
}
