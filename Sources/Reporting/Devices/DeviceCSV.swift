import HostModel
import Planning

/// The functions of a host as comma-separated values.
public enum DeviceCSV {
  private static let header = [
    "address", "vendor", "device", "name", "driver", "override", "interface", "mac", "link", "numa", "group",
    "function", "guest", "manifest", "assignable",
  ]

  /// Comma-separated values with a header (RFC 4180).
  public static func text(_ inventory: Inventory, _ filter: InventoryFilter) -> String {
    inventory.devices.filter(filter.includes).reduce(into: CSVText(header)) { result, device in
      let (function, words) = (device.function, DeviceText(device: device))
      result.add([
        "\(function.address)", "\(PCIIDHalf(function.id.vendor))", "\(PCIIDHalf(function.id.device))",
        function.name ?? "", function.driver ?? "", function.driverOverride ?? "", words.interface, words.mac,
        words.link, words.numa, function.iommuGroup.map { "\($0)" } ?? "", words.part, words.guest,
        words.claim, words.assignable,
      ])
    }.text
  }
}
