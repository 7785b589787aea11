extension PCIFunction {
  /// The VFs that the kernel creates if the number of VFs of the PF is set to this number. They
  /// have no driver and the initial settings. Empty if the PF does not report the addresses of its
  /// VFs.
  public func virtualFunctions(_ count: Int) -> [PCIFunction] {
    guard let sriov, let offset = sriov.offset, let stride = sriov.stride, count > 0 else { return [] }
    guard offset > 0, count == 1 || stride > 0 else { return [] }
    var result: [PCIFunction] = []
    result.reserveCapacity(count)
    for index in 0..<count {
      guard let address = address.advanced(by: offset + index * stride) else { return [] }
      result.append(virtualFunction(index, at: address, sriov))
    }
    return result
  }

  private func virtualFunction(_ index: Int, at address: PCIAddress, _ sriov: SRIOV) -> PCIFunction {
    PCIFunction(
      address: address, id: PCIID(vendor: id.vendor, device: sriov.deviceID?.value ?? id.device),
      deviceClass: deviceClass, variantDriver: sriov.variantDriver, numaNode: numaNode, slots: slots,
      virtualFunction: VirtualFunction(
        physicalFunction: self.address, index: index, settings: .known(.initial)))
  }

  /// The VF that will have this address if the PF has all VFs that it supports.
  fileprivate func virtualFunction(at address: PCIAddress) -> PCIFunction? {
    guard let sriov, let offset = sriov.offset, let stride = sriov.stride, offset > 0,
      let distance = address.distance(from: self.address), distance >= offset,
      sriov.total == 1 || stride > 0,
      self.address.advanced(by: offset + (sriov.total - 1) * stride) != nil
    else { return nil }
    let index = sriov.total == 1 ? 0 : (distance - offset) / stride
    guard index < sriov.total, offset + index * stride == distance else { return nil }
    return virtualFunction(index, at: address, sriov)
  }

  /// The PF's interface if it is down now or will be down: an interface is down after its PF was
  /// bound to the native driver. Nil if it is up.
  public var downInterface: String? {
    guard let interface = interfaces.first else {
      return Drivers.isNative(driver) ? nil : remembered?.interface ?? "of \(address)"
    }
    return interface.isUp == false ? interface.name : nil
  }
}

extension PCIAddress {
  private var routingID: Int { Int(bus) << 8 | Int(device) << 3 | Int(function) }

  /// The number of routing ids from the other address to this one. Nil in another domain.
  fileprivate func distance(from other: PCIAddress) -> Int? {
    domain == other.domain ? routingID - other.routingID : nil
  }

  /// The address this number of routing ids after this one, possibly on a later bus (PCI Express Base
  /// Specification, Single Root I/O Virtualization). Nil beyond the last bus of the domain.
  func advanced(by distance: Int) -> PCIAddress? {
    guard distance >= 0, routingID + distance <= 0xFFFF else { return nil }
    let other = UInt32(routingID + distance)
    return PCIAddress(
      domain: domain, bus: other >> 8, device: other >> 3 & 0x1F, function: other & 7)
  }
}

extension HostState {
  /// The VF that will have this address, computed from the VF offset and stride of the PFs. It need not exist
  /// yet. Nil if no PF can have such a VF.
  public func futureVirtualFunction(at address: PCIAddress) -> PCIFunction? {
    for physical in functions {
      if let member = physical.virtualFunction(at: address) { return member }
    }
    return nil
  }
}
