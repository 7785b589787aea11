import Documents
import Files
import HostModel
import Manifests

extension HostIndex {
  /// Returns the functions that match the selector of one NIC: exactly one if the manifest is right.
  func functions(matching selector: Selector) -> [PCIFunction] {
    // A VF comes and goes with the number of VFs of its PF, so only a condition that names one function
    // selects it, or a function that is not a NIC.
    matches(selector) { function in function.isPort || selector.names(function) }
  }

  /// Returns the functions that match the selector of a pool: ports, and no VFs.
  func ports(matching selector: Selector) -> [PCIFunction] {
    matches(selector, where: \.isPort)
  }

  /// Returns the functions that can match: the one at the address, if the selector has one, otherwise all.
  private func candidates(_ selector: Selector) -> [PCIFunction] {
    guard let address = selector.address else { return state.functions }
    return functions[address].map { [$0] } ?? []
  }

  private func matches(
    _ selector: Selector, where isMeant: (PCIFunction) -> Bool
  ) -> [PCIFunction] {
    let inSlot = selector.slot.map { slot in
      Set(
        ports(inSlot: slot).flatMap { ports in
          guard let port = selector.port else { return ports }
          return port < ports.count ? [ports[port]] : []
        })
    }
    return candidates(selector).filter { function in
      isMeant(function) && selector.matchesIdentity(of: function) && selector.matchesPlace(of: function)
        && inSlot?.contains(function.address) ?? true
    }
  }

  /// Returns the ports of the cards in a slot, by what the name may stand for: a slot of the kernel, a label
  /// or an index of the firmware. There is more than one list if the name is ambiguous.
  func ports(inSlot name: String) -> [[PCIAddress]] {
    let ports = state.functions.filter(\.isPort)
    let kinds: [(PCIFunction) -> Bool] = [
      { $0.slots.contains(name) }, { $0.firmwareLabel == name },
      { function in function.firmwareIndex.map { "\($0)" == name } ?? false },
    ]
    var result: [[PCIAddress]] = []
    for isBelow in kinds {
      let found = ports.filter(isBelow).map(\.address).sorted()
      if !found.isEmpty, !result.contains(found) { result.append(found) }
    }
    return result
  }
}

extension Selector {
  /// Whether a condition that the function meets names a single function.
  fileprivate func names(_ function: PCIFunction) -> Bool {
    address != nil || mac != nil || path?.lowercased() == function.path
      || interface != nil && !isInterfacePattern
  }

  /// Whether the conditions on what the function is are met.
  fileprivate func matchesIdentity(of function: PCIFunction) -> Bool {
    if let serial, function.serial != serial { return false }
    if let id, function.id != id { return false }
    if let vendor, function.id.vendor != vendor.value { return false }
    if let device, function.id.device != device.value { return false }
    if let subsystem, function.subsystem != subsystem { return false }
    if let driver {
      guard let native = function.nativeDriver, Drivers.normalised(native) == Drivers.normalised(driver)
      else {
        return false
      }
    }
    if let mac, !function.hasPermanent(mac) { return false }
    return true
  }

  /// Whether the conditions on where the function is are met.
  fileprivate func matchesPlace(of function: PCIFunction) -> Bool {
    if let address, function.address != address { return false }
    if let numaNode, function.numaNode != numaNode { return false }
    if let path, !function.isAtOrBelow(path.lowercased()) { return false }
    if let interface {
      let names = function.interfaceNamesAndAltnames
      guard isInterfacePattern ? names.contains(where: matchesInterface) : names.contains(interface) else {
        return false
      }
    }
    return true
  }
}

extension PCIFunction {
  /// Whether it is a NIC and not a VF.
  fileprivate var isPort: Bool { virtualFunction == nil && deviceClass.isNetwork }

  /// Whether the address is the permanent one of the hardware. An address that was set may belong to another
  /// NIC.
  fileprivate func hasPermanent(_ mac: MACAddress) -> Bool {
    if interfaces.isEmpty { return remembered?.mac == mac }
    return interfaces.contains { $0.permanentMAC == mac }
  }

  /// Whether the path is that of the function or of a bridge above it.
  fileprivate func isAtOrBelow(_ path: String) -> Bool {
    self.path.map { $0 == path || $0.hasPrefix(path + "/") } ?? false
  }
}
