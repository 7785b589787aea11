import HostModel

/// The conditions for functions to be listed. All of them must hold.
public struct InventoryFilter: Sendable {
  /// Whether functions are included that are not NICs.
  public var isForAll = false
  public var addresses: Set<PCIAddress> = []
  /// The names of drivers; `none` stands for no driver.
  public var drivers: Set<String> = []
  public var groups: Set<Int> = []
  /// Vendor ids, each with or without a device id.
  public var ids: [(vendor: UInt16, device: UInt16?)] = []
  public var isAvailable = false

  public init() {}

  public func includes(_ device: InventoryDevice) -> Bool {
    let function = device.function
    if !addresses.isEmpty { return addresses.contains(function.address) }
    return (isForAll || function.deviceClass.isNetwork)
      && (drivers.isEmpty || drivers.contains(function.driver ?? "none"))
      && (groups.isEmpty || function.iommuGroup.map(groups.contains) ?? false)
      && (ids.isEmpty
        || ids.contains {
          $0.vendor == function.id.vendor && $0.device ?? function.id.device == function.id.device
        })
      && (!isAvailable || device.availability == .available)
  }
}
