import HostModel
import Planning

/// The primitives of a simulated host, for one step.
struct SimulatedPrimitives: HostPrimitives, DriverFiles, VFFiles {
  private let step: SimulatedStep
  let managers: GuestBackends

  /// - Parameter writes: the number of writes that succeed before pcipass is killed; nil if it is
  ///   not killed.
  init(of host: SimulatedHost, writes: Int? = nil) {
    step = SimulatedStep(on: host, writes: writes)
    managers = .managers(libvirt: SimulatedLibvirt(step: step), qemu: SimulatedQEMU(step: step))
  }

  var files: SimulatedPrimitives {
    get { self }
    set { self = newValue }
  }

  // MARK: KernelModules

  func hasDriver(_ name: String) -> Bool {
    step.state.kernel.drivers.value?.contains(name) ?? true
  }

  func load(module: String) throws(HostFailure) {
    try step.write { kernel throws(HostFailure) in try kernel.load(module) }
  }

  // MARK: Drivers

  func binding(of address: PCIAddress) throws(HostFailure) -> Binding {
    try step.look { kernel throws(HostFailure) in try kernel.binding(of: address) }
  }

  func holders(of addresses: [PCIAddress]) -> [PCIAddress: Observed<[Holder]>] {
    let state = step.state
    return Dictionary(
      addresses.map { ($0, state[$0]?.holders ?? .known([])) }, uniquingKeysWith: { one, _ in one })
  }

  func hasOverride(_ address: PCIAddress) throws(HostFailure) -> Bool {
    try step.look { kernel throws(HostFailure) in kernel.hasOverrides }
  }

  func setOverride(_ driver: String?, of address: PCIAddress) throws(HostFailure) {
    try step.write { kernel throws(HostFailure) in try kernel.setOverride(driver, of: address) }
  }

  func unbind(_ address: PCIAddress) throws(HostFailure) {
    try step.write { kernel throws(HostFailure) in try kernel.unbind(address) }
  }

  func probe(_ address: PCIAddress) throws(HostFailure) {
    try step.write { kernel throws(HostFailure) in try kernel.probe(address) }
  }

  func id(of address: PCIAddress) throws(HostFailure) -> PCIID {
    try step.look { kernel throws(HostFailure) in try kernel.id(of: address) }
  }

  func unboundFunctions(_ id: PCIID) throws(HostFailure) -> [PCIAddress] {
    try step.look { kernel throws(HostFailure) in kernel.unboundFunctions(id) }
  }

  func addID(_ id: PCIID, to driver: String) throws(HostFailure) -> Bool {
    try step.write { kernel throws(HostFailure) in try kernel.addID(id, to: driver) }
  }

  func removeID(_ id: PCIID, from driver: String) throws(HostFailure) {
    try step.write { kernel throws(HostFailure) in try kernel.removeID(id, from: driver) }
  }

  func bind(_ address: PCIAddress, by driver: String) throws(HostFailure) {
    try step.write { kernel throws(HostFailure) in try kernel.bind(address, by: driver) }
  }

  // MARK: VFs

  func virtualFunctions(of address: PCIAddress) throws(HostFailure) -> [PCIAddress] {
    try step.look { kernel throws(HostFailure) in try kernel.virtualFunctions(of: address) }
  }

  func autoprobe(of address: PCIAddress) throws(HostFailure) -> Bool? {
    try step.look { kernel throws(HostFailure) in try kernel.autoprobe(of: address) }
  }

  func settings(ofVFsOf address: PCIAddress) throws(HostFailure) -> [Int: VFSettings] {
    try step.look { kernel throws(HostFailure) in try kernel.settings(ofVFsOf: address) }
  }

  func interface(of address: PCIAddress) throws(HostFailure) -> String {
    try step.look { kernel throws(HostFailure) in try kernel.interface(of: address) }
  }

  func setAutoprobe(_ isOn: Bool, of address: PCIAddress) throws(HostFailure) {
    try step.write { kernel throws(HostFailure) in try kernel.setAutoprobe(isOn, of: address) }
  }

  func setCount(_ count: Int, of address: PCIAddress) throws(HostFailure) {
    try step.write { kernel throws(HostFailure) in try kernel.setCount(count, of: address) }
  }

  func set(
    _ one: VFSettings, of place: VFLocation, by words: [String]
  ) throws(HostFailure) -> VFSettingProblem? {
    try step.write { kernel throws(HostFailure) in try kernel.set(one, of: place) }
  }

  // MARK: Guests

  /// Does not wait, because a simulated guest closes a function at once.
  func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    try backend(of: placement.guest).detach(hostdev, placement)
  }
}
