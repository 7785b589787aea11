import Documents
import HostModel
import Planning

/// The functions of a host as a table with one line for each.
public struct DeviceTable {
  private let style: Style
  private let width: Int?

  /// - Parameter width: the width of the terminal in columns; nil means no limit.
  public init(style: Style, width: Int?) {
    self.style = style
    self.width = width
  }

  private static let columns: [TextTable.Column] = [
    .init(title: "ADDRESS"), .init(title: "ID", dropOrder: 3),
    .init(title: "NAME", dropOrder: 8, isTruncatable: true), .init(title: "DRIVER"),
    .init(title: "INTERFACE", dropOrder: 1), .init(title: "MAC", dropOrder: 2),
    .init(title: "LINK", dropOrder: 4), .init(title: "NUMA", dropOrder: 9),
    .init(title: "GROUP", dropOrder: 7),
    .init(title: "FUNCTION", dropOrder: 5, isTruncatable: true),
    .init(title: "GUEST", dropOrder: 0, isTruncatable: true),
    .init(title: "MANIFEST", dropOrder: 6), .init(title: "ASSIGNABLE", isTruncatable: true),
  ]

  /// The table, the counts, and the reasons why the devices of some guests are unknown.
  public func text(_ inventory: Inventory, _ filter: InventoryFilter) -> String {
    let devices = inventory.devices.filter(filter.includes)
    guard !devices.isEmpty else {
      return
        "\(inventory.host): no function matches the filters, of \(pluralised(inventory.devices.count, "function")).\n"
    }
    var table = TextTable(Self.columns)
    for device in devices {
      let words = DeviceText(device: device)
      table.add([
        "\(device.function.address)", "\(device.function.id)", words.name, words.driver, words.interface,
        words.mac, words.link, words.numa, words.group, words.part, words.guest, words.claim,
        words.assignable,
      ])
    }
    let unknown = unique(inventory.unknown).map {
      "Which functions some guests have is unknown: \(printable($0))\n"
    }
    return table.text(style, width: width) + "\n"
      + TextWrap(width: width).text(Self.counts(devices) + unknown.joined())
  }

  private static func counts(_ devices: [InventoryDevice]) -> String {
    let nics = devices.compactMap(\.availability?.state)
    func count(_ state: Availability.State) -> Int { nics.count { $0 == state } }
    let others = devices.count - nics.count
    return "\(pluralised(nics.count, "NIC")): \(count(.available)) available, \(count(.inUse)) in use, "
      + "\(count(.reserved)) reserved"
      + (count(.unknown) > 0 ? ", \(count(.unknown)) unknown" : "")
      + (others > 0 ? "; \(pluralised(others, "other function"))" : "") + ".\n"
  }
}
