import Documents
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
    let rows = inventory.devices.filter(filter.includes).map { device in
      let (function, words) = (device.function, DeviceText(device: device))
      return [
        "\(function.address)", "\(PCIIDHalf(function.id.vendor))", "\(PCIIDHalf(function.id.device))",
        function.name ?? "", function.driver ?? "", function.driverOverride ?? "", words.interface, words.mac,
        words.link, words.numa, function.iommuGroup.map { "\($0)" } ?? "", words.part, words.guest,
        words.claim, words.assignable,
      ]
    }
    return ([header] + rows).map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  /// A text that starts with `=`, `+`, `-` or `@` gets an apostrophe, because spreadsheets execute it as a
  /// formula otherwise.
  private static func field(_ text: String) -> String {
    var text = printable(text)
    if let first = text.unicodeScalars.first, "=+-@".unicodeScalars.contains(first), text != "-" {
      text = "'" + text
    }
    let needsQuotes = text.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
    return needsQuotes
      ? "\"" + text.unicodeScalars.reduce(into: "") { $0 += $1 == "\"" ? "\"\"" : String($1) } + "\"" : text
  }
}
