import HostModel
import Planning

// PFs and their VFs in a few words: those of the 82576 at 03:00.0 are 03:10.0, 03:10.2, 03:10.4 and so on.

/// An 82576 port that can have seven VFs, and the VFs that it has, as its driver begins with them.
func pool(
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

/// VFs as they are where they wait for guests.
func onVFIO(_ function: inout PCIFunction) {
  (function.driver, function.driverOverride) = ("vfio-pci", "vfio-pci")
}

/// A Host that hands 03:00.0 out in parts.
func poolHost(_ count: Int, _ more: String = "") -> String {
  host("name: pool, select: {address: '0000:03:00.0'}, virtualFunctions: {count: \(count)}\(more)")
}

/// A Host that hands it out in parts no more.
let plainHost = host("name: pool, select: {address: '0000:03:00.0'}")

extension HostState {
  /// The same host with other settings of one VF, as its PF holds them.
  func setting(_ short: String, _ settings: Observed<VFSettings>) -> HostState {
    var state = self
    for index in state.functions.indices where state.functions[index].address == pci(short) {
      state.functions[index].virtualFunction?.settings = settings
    }
    return state
  }

  func changing(_ short: String, _ change: (inout PCIFunction) -> Void) -> HostState {
    var state = self
    for index in state.functions.indices where state.functions[index].address == pci(short) {
      change(&state.functions[index])
    }
    return state
  }
}

extension Plan {
  /// What the PF is to hold of a VF, as far as that changes.
  func settings(_ short: String) -> (from: VFSettings, to: VFSettings)? {
    guard case .configure(_, let from, let to) = step("configure/0000:\(short)")?.action else { return nil }
    return (from, to)
  }

  func resize(_ short: String = "03:00.0") -> (from: VFSet, to: VFSet)? {
    guard case .resize(_, let from, let to) = step("resize/0000:\(short)")?.action else { return nil }
    return (from, to)
  }
}
