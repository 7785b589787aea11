extension PCIFunction {
  /// The VFs that this PF has when it is given so many, as they come: without a driver, and as the driver begins
  /// with them. Empty where it does not tell where they will be.
  public func virtualFunctions(_ count: Int) -> [PCIFunction] {
    guard let sriov, let offset = sriov.offset, let stride = sriov.stride, count > 0 else { return [] }
    guard offset > 0, count == 1 || stride > 0 else { return [] }
    var result: [PCIFunction] = []
    for index in 0..<count {
      guard let address = address.advanced(by: offset + index * stride) else { return [] }
      result.append(
        PCIFunction(
          address: address,
          id: PCIID(vendor: id.vendor, device: sriov.deviceID?.value ?? id.device),
          deviceClass: deviceClass, variantDriver: sriov.variantDriver, numaNode: numaNode,
          virtualFunction: VirtualFunction(
            physicalFunction: self.address, index: index, settings: .known(.initial))))
    }
    return result
  }

  /// A PF's interface that is down, or will be: from another driver, or none, it comes back so.
  public var interfaceThatIsDown: String? {
    guard let interface = interfaces.first else {
      return Drivers.isHosts(driver) ? nil : remembered?.interface ?? "of \(address)"
    }
    return interface.isUp == false ? interface.name : nil
  }
}

extension PCIAddress {
  /// The function so many routing ids behind this one; VFs may be on a later bus (PCIe Base Specification, Single
  /// Root I/O Virtualization).
  func advanced(by distance: Int) -> PCIAddress? {
    let id = Int(bus) << 8 | Int(device) << 3 | Int(function)
    guard distance >= 0, id + distance <= 0xFFFF else { return nil }
    let other = UInt32(id + distance)
    return PCIAddress(
      domain: domain, bus: other >> 8, device: other >> 3 & 0x1F, function: other & 7)
  }
}

extension HostState {
  /// The VF that an address belongs to before that VF exists, by what its PF shows of where its VFs are.
  public func virtualFunction(toComeAt address: PCIAddress) -> PCIFunction? {
    for physical in functions {
      guard let sriov = physical.sriov else { continue }
      let members = physical.virtualFunctions(sriov.total)
      if let member = members.first(where: { $0.address == address }) { return member }
    }
    return nil
  }
}
