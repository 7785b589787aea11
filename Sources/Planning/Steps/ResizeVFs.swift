import Documents
import HostModel
import Manifests

/// Sets the number of VFs of a PF. The kernel deletes all VFs before it creates another number of them
/// (Linux, `Documentation/PCI/pci-iov-howto.rst`).
public struct ResizeVFs: StepKind {
  public var address: PCIAddress
  public var from: VFSet
  public var to: VFSet

  public init(_ address: PCIAddress, from: VFSet, to: VFSet) {
    self.address = address
    self.from = from
    self.to = to
  }

  static var key: Action.Key { .resize }
  var sign: StepSign { from.count == 0 ? .adds : to.count == 0 ? .removes : .replaces }
  var inverse: Action? { .resize(address, from: to, to: from) }
  var function: PCIAddress? { address }
  var device: DeviceChange? { nil }
  var resultingDevice: DeviceChange? { nil }
  var guest: GuestManager? { nil }
  var aspect: Aspect { Aspect("vf-count", of: address) }
  var outlivesBoot: Bool { false }
  var recreatesFunctions: Bool { true }
  var needsHolders: Bool { true }

  func state(on host: HostIndex) -> StepState {
    guard let sriov = host.functions[address]?.sriov else {
      return .other("\(address) no longer exists, or has no SR-IOV")
    }
    return state(at: host.vfSet(of: address, sriov))
  }

  /// Returns how far the step has come if the PF has these VFs.
  public func state(at now: VFSet) -> StepState {
    StepState(from.isMet(by: now), to.isMet(by: now), otherwise: "\(address) has \(now)")
  }

  func disturbance(on host: HostIndex) -> Step.Disturbance {
    let lost = [host.functions[address]].compactMap { $0 } + (host.virtualFunctions[address] ?? [])
    return lost.contains(where: \.isUsedByHost) ? .hostNetwork : .nothing
  }

  func differences(for step: Step) -> [Difference] {
    [Difference(.vfCount, desired: "\(to.count)", observed: "\(from.count)", by: step)]
  }

  func resources(on host: HostIndex) -> ResourceUse {
    ResourceUse(exclusive: [.function(address), .vfCount(of: address), .vfSettings(of: address)])
  }

  func virtualFunctions(afterwardsOn host: HostIndex) -> [PCIFunction]? {
    host.functions[address]?.virtualFunctions(to.count) ?? []
  }

  func continuing(_ earlier: Action) -> Action? {
    guard case .resize(let earlier) = earlier, earlier.address == address else { return nil }
    return .resize(address, from: earlier.from, to: to)
  }

  func add(to change: inout ProposedChange, on host: HostIndex) {
    change.resize = (from, to)
    // A step before may have bound the PF to another driver.
    change.driverAtResize = change.goal.map(\.driver) ?? change.candidate.function?.driver
    change.deletesVFsFirst = to.count == 0
  }

  static var variant: Variant<Action> {
    Variant(
      key.rawValue, form, "Create or delete the VFs of a PF.", wrap: { .resize($0) },
      unwrap: { if case .resize(let step) = $0 { step } else { nil } })
  }

  private static let form = Form<ResizeVFs>.record(
    "Resize", "A PF and its VFs, before and after the step.",
    Field("function", \.address, PCIAddress.form, "The PF."),
    Field("from", \.from, VFSet.form, "The VFs before the step."),
    Field("to", \.to, VFSet.form, "The VFs after the step."),
    make: { address, from, to in ResizeVFs(address, from: from, to: to) })
}

extension Action {
  /// Sets the number of VFs of a PF.
  public static func resize(_ address: PCIAddress, from: VFSet, to: VFSet) -> Action {
    .resize(ResizeVFs(address, from: from, to: to))
  }
}
