import HostModel
import Planning

// Short constructors of PFs and their VFs. The VFs of the 82576 at 03:00.0 are 03:10.0, 03:10.2,
// 03:10.4 and so on.

/// An 82576 port with room for seven VFs, and its VFs, as its driver creates them.
public func pool(
  _ short: String = "03:00.0", count: Int = 0, driver: String? = "igb", autoprobe: Bool? = true,
  isUp: Bool = true, offset: Int? = 128, stride: Int? = 2, change: (inout PCIFunction) -> Void = { _ in },
  eachVF: (inout PCIFunction) -> Void = { _ in }
) -> [PCIFunction] {
  var port = nic(short, driver: driver)
  port.sriov = SRIOV(
    total: 7, count: count, autoprobe: autoprobe, offset: offset, stride: stride, deviceID: PCIIDHalf(0x10ca))
  if !port.interfaces.isEmpty { port.interfaces[0].isUp = isUp }
  var parts = port.virtualFunctions(count)
  for index in parts.indices {
    parts[index].iommuGroup = 500 + index
    eachVF(&parts[index])
  }
  change(&port)
  return [port] + parts
}

/// Changes a VF to one that is bound to vfio-pci.
public func onVFIO(_ function: inout PCIFunction) {
  (function.driver, function.driverOverride) = ("vfio-pci", "vfio-pci")
}

/// A Host that splits 03:00.0 into VFs.
public func poolHost(_ count: Int, _ more: String = "") -> String {
  host("name: pool, select: {address: '0000:03:00.0'}, virtualFunctions: {count: \(count)}\(more)")
}

/// A Host that assigns 03:00.0 as a whole.
public let plainHost = host("name: pool, select: {address: '0000:03:00.0'}")

extension HostState {
  /// The host with other settings of one VF.
  public func setting(_ short: String, _ settings: Observed<VFSettings>) -> HostState {
    var state = self
    for index in state.functions.indices where state.functions[index].address == pci(short) {
      state.functions[index].virtualFunction?.settings = settings
    }
    return state
  }

  /// The host with one function changed.
  public func changing(_ short: String, _ change: (inout PCIFunction) -> Void) -> HostState {
    var state = self
    for index in state.functions.indices where state.functions[index].address == pci(short) {
      change(&state.functions[index])
    }
    return state
  }
}

extension Plan {
  /// The settings of a VF that its configure step changes.
  public func settings(_ short: String) -> (from: VFSettings, to: VFSettings)? {
    guard case .configure(let step) = self.step("configure/0000:\(short)")?.action else { return nil }
    return (step.from, step.to)
  }

  /// The VFs before and after a PF's resize step.
  public func resize(_ short: String = "03:00.0") -> (from: VFSet, to: VFSet)? {
    guard case .resize(let step) = self.step("resize/0000:\(short)")?.action else { return nil }
    return (step.from, step.to)
  }
}
