import HostModel
import Manifests
import Planning

/// The primitives of a simulated host, for one step: each looks at the state or changes it as a whole, so that steps that
/// run side by side come between each other only where they do on a real host.
struct SimulatedPrimitives: HostPrimitives, DriverFiles, VFFiles {
  private let host: SimulatedHost
  /// How many more of the step's writes are done before pcipass is killed; nil is that it is not.
  private var writesLeft: Int?

  init(of host: SimulatedHost, writes: Int? = nil) {
    self.host = host
    writesLeft = writes
  }

  var files: SimulatedPrimitives {
    get { self }
    set { self = newValue }
  }

  private func look<Value: Sendable>(
    _ body: (borrowing SimulatedKernel) throws(HostFailure) -> Value
  ) throws(HostFailure) -> Value {
    try host.look(body)
  }

  /// What the kernel, libvirt or QEMU has begun it ends, whoever asked for it and is gone.
  private mutating func write<Value: Sendable>(
    _ body: (inout SimulatedKernel) throws(HostFailure) -> Value
  ) throws(HostFailure) -> Value {
    if let left = writesLeft {
      guard left > 0 else { throw HostFailure(.stuck, "killed") }
      writesLeft = left - 1
    }
    return try host.change(body)
  }

  // MARK: Modules

  func hasDriver(_ name: String) -> Bool { host.state.kernel.drivers.value?.contains(name) ?? true }

  mutating func load(module: String) throws(HostFailure) {
    try write { kernel throws(HostFailure) in try kernel.load(module) }
  }

  // MARK: Drivers

  func binding(of address: PCIAddress) throws(HostFailure) -> Binding {
    try look { kernel throws(HostFailure) in try kernel.binding(of: address) }
  }

  func holders(of addresses: [PCIAddress]) -> [PCIAddress: Observed<[Holder]>] {
    let state = host.state
    return Dictionary(
      addresses.map { ($0, state[$0]?.holders ?? .known([])) }, uniquingKeysWith: { one, _ in one })
  }

  func hasOverride(_ address: PCIAddress) throws(HostFailure) -> Bool {
    try look { kernel throws(HostFailure) in kernel.hasOverrides }
  }

  mutating func setOverride(_ driver: String?, of address: PCIAddress) throws(HostFailure) {
    try write { kernel throws(HostFailure) in try kernel.setOverride(driver, of: address) }
  }

  mutating func unbind(_ address: PCIAddress) throws(HostFailure) {
    try write { kernel throws(HostFailure) in try kernel.unbind(address) }
  }

  mutating func probe(_ address: PCIAddress) throws(HostFailure) {
    try write { kernel throws(HostFailure) in try kernel.probe(address) }
  }

  func id(of address: PCIAddress) throws(HostFailure) -> PCIID {
    try look { kernel throws(HostFailure) in try kernel.id(of: address) }
  }

  func driverless(_ id: PCIID) throws(HostFailure) -> [PCIAddress] {
    try look { kernel throws(HostFailure) in kernel.driverless(id) }
  }

  mutating func addID(_ id: PCIID, to driver: String) throws(HostFailure) -> Bool {
    try write { kernel throws(HostFailure) in try kernel.addID(id, to: driver) }
  }

  mutating func removeID(_ id: PCIID, from driver: String) throws(HostFailure) {
    try write { kernel throws(HostFailure) in try kernel.removeID(id, from: driver) }
  }

  mutating func bind(_ address: PCIAddress, by driver: String) throws(HostFailure) {
    try write { kernel throws(HostFailure) in try kernel.bind(address, by: driver) }
  }

  // MARK: VFs

  func virtualFunctions(of address: PCIAddress) throws(HostFailure) -> [PCIAddress] {
    try look { kernel throws(HostFailure) in try kernel.virtualFunctions(of: address) }
  }

  func autoprobe(of address: PCIAddress) throws(HostFailure) -> Bool? {
    try look { kernel throws(HostFailure) in try kernel.autoprobe(of: address) }
  }

  func settings(ofVFsOf address: PCIAddress) throws(HostFailure) -> [Int: VFSettings] {
    try look { kernel throws(HostFailure) in try kernel.settings(ofVFsOf: address) }
  }

  func interface(of address: PCIAddress) throws(HostFailure) -> String {
    try look { kernel throws(HostFailure) in try kernel.interface(of: address) }
  }

  mutating func setAutoprobe(_ isOn: Bool, of address: PCIAddress) throws(HostFailure) {
    try write { kernel throws(HostFailure) in try kernel.setAutoprobe(isOn, of: address) }
  }

  mutating func setCount(_ count: Int, of address: PCIAddress) throws(HostFailure) {
    try write { kernel throws(HostFailure) in try kernel.setCount(count, of: address) }
  }

  mutating func set(
    _ one: VFSettings, of place: VFPlace, by words: [String]
  ) throws(HostFailure) -> NoAnswer? {
    try write { kernel throws(HostFailure) in try kernel.set(one, of: place) }
  }

  // MARK: Guests

  func guest(_ manager: GuestManager) throws(HostFailure) -> GuestState? {
    try look { kernel throws(HostFailure) in
      switch kernel.state.guests(of: manager) {
      case .known(let guests): guests.first { $0.name == manager.name }
      case .unavailable(let reason): throw HostFailure(.unreadable, reason)
      }
    }
  }

  mutating func attach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    try write { kernel throws(HostFailure) in try kernel.attach(hostdev, placement) }
  }

  mutating func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    try write { kernel throws(HostFailure) in try kernel.detach(hostdev, placement) }
  }

  func definition(
    of hostdev: Hostdev, _ placement: Placement, as device: Hostdev.Device
  ) throws(HostFailure) -> DefinedDevice {
    try look { kernel throws(HostFailure) in try kernel.definition(of: hostdev, placement, as: device) }
  }

  mutating func edit(_ edit: EditDevice) throws(HostFailure) {
    try write { kernel throws(HostFailure) in try kernel.edit(edit) }
  }
}
