import HostModel
import Planning

/// Simulates how the kernel and a PF's driver handle VFs. Behaviour and messages are as measured
/// with igb; see docs/host-behaviour.md.
extension SimulatedKernel {
  /// The addresses of the VFs of a PF, in the order of their indices.
  func virtualFunctions(of address: PCIAddress) throws(HostFailure) -> [PCIAddress] {
    _ = try index(of: address)
    return state.functions.filter { $0.virtualFunction?.physicalFunction == address }
      .sorted { ($0.virtualFunction?.index ?? 0) < ($1.virtualFunction?.index ?? 0) }.map(\.address)
  }

  /// `sriov_drivers_autoprobe` of a PF; nil if the PF does not have it.
  func autoprobe(of address: PCIAddress) throws(HostFailure) -> Bool? {
    state.functions[try index(of: address)].sriov?.autoprobe
  }

  /// The settings that a PF reports for its VFs over rtnetlink(7), by VF index.
  func settings(ofVFsOf address: PCIAddress) throws(HostFailure) -> [Int: VFSettings] {
    _ = try interface(of: address)
    var result: [Int: VFSettings] = [:]
    for function in state.functions {
      guard let place = function.virtualFunction, place.physicalFunction == address else { continue }
      switch place.settings {
      case .known(let settings): result[place.index] = settings
      case .unavailable(let reason): throw HostFailure(.unreadable, reason)
      }
    }
    return result
  }

  /// The name of a PF's interface.
  ///
  /// - Throws: `noInterface` if the PF has no interface.
  func interface(of address: PCIAddress) throws(HostFailure) -> String {
    guard let interface = state.functions[try index(of: address)].interfacesInHostNamespace.first else {
      throw .noInterface(address)
    }
    return interface.name
  }

  /// Sets the interface of a function up.
  mutating func setInterfaceUp(_ address: PCIAddress) throws(HostFailure) {
    let name = try interface(of: address)
    let index = try index(of: address)
    for number in state.functions[index].interfaces.indices
    where state.functions[index].interfaces[number].name == name {
      state.functions[index].interfaces[number].isUp = true
    }
  }

  /// Writes to `sriov_drivers_autoprobe`.
  mutating func setAutoprobe(_ isOn: Bool, of address: PCIAddress) throws(HostFailure) {
    state.functions[try index(of: address)].sriov?.autoprobe = isOn
  }

  /// Writes to `sriov_numvfs`. The kernel accepts a change only from or to 0.
  mutating func setCount(_ count: Int, of address: PCIAddress) throws(HostFailure) {
    let index = try index(of: address)
    let function = state.functions[index]
    guard let sriov = function.sriov, Drivers.isNative(function.driver) else {
      throw refused(count, address, "No such file or directory")
    }
    guard count <= sriov.total else { throw refused(count, address, "Numerical result out of range") }
    guard count == 0 || sriov.count == 0 else {
      throw refused(count, address, "Device or resource busy")
    }
    state.functions.removeAll { $0.virtualFunction?.physicalFunction == address }
    state.functions[try self.index(of: address)].sriov?.count = count
    let coming = function.virtualFunctions(count)
    guard coming.count == count else { throw refused(count, address, "Cannot allocate memory") }
    let group = state.functions.compactMap(\.iommuGroup).max() ?? 0
    for (number, var coming) in coming.enumerated() {
      // Each VF has a separate IOMMU group if the host has groups.
      coming.iommuGroup = function.iommuGroup.map { _ in group + 1 + number }
      coming.nativeDriver = state.simulation?.virtualDriver
      state.functions.append(coming)
    }
    state.functions.sort { $0.address < $1.address }
    guard sriov.autoprobe ?? true else { return }
    for function in coming { try probe(function.address) }
  }

  /// Sets one value of a VF through its PF.
  ///
  /// - Returns: the reason why the PF's driver rejects the value; nil if it is set.
  mutating func set(_ one: VFSettings, of place: VFLocation) throws(HostFailure) -> VFSettingProblem? {
    let function = state.functions[try index(of: place.physicalFunction)]
    if let problem = Self.problem(with: one, of: function) {
      return VFSettingProblem(reason: problem)
    }
    let index = try index(of: place.address)
    guard case .known(let now)? = state.functions[index].virtualFunction?.settings else { return nil }
    state.functions[index].virtualFunction?.settings = .known(now.with(one))
    return nil
  }

  /// The reason why a PF's driver rejects a setting, as measured with igb; nil if it accepts the
  /// setting.
  private static func problem(with one: VFSettings, of function: PCIFunction) -> String? {
    if one.mac?.isMulticast ?? false { return "Invalid argument" }
    guard function.driver == "igb" else { return nil }
    if one.linkState != nil { return "Operation not supported" }
    if one.vlan?.proto == .ad { return "Protocol not supported" }
    if let rate = one.rate, rate.min ?? 0 > 0 || function.interfaces.first?.isUp == false {
      return "Invalid argument"
    }
    return nil
  }

  private func refused(_ count: Int, _ address: PCIAddress, _ reason: String) -> HostFailure {
    HostFailure(
      .refused, "writing \(count) to /sys/bus/pci/devices/\(address)/sriov_numvfs: \(reason)")
  }
}
