import Documents
import HostModel
import Manifests
import Planning

/// The functions of a host for programs, as JSON and CSV.
public enum DeviceList {
  /// Each function as in a snapshot, with the guests that have it, the claim on it and whether it is
  /// available.
  public static func json(_ inventory: Inventory, _ filter: InventoryFilter) -> String {
    let devices = inventory.devices.filter(filter.includes)
    return JSON.object([
      .init("apiVersion", .string(HostState.version)), .init("kind", .string("DeviceList")),
      .init("host", .string(inventory.host)), .init("devices", .array(devices.map(json))),
      .init("unknown", .array(unique(inventory.unknown).map(JSON.string))),
    ]).text + "\n"
  }

  private static func json(_ device: InventoryDevice) -> JSON {
    guard case .object(var members) = PCIFunction.form.encode(device.function) else { return .null }
    members.append(
      .init(
        "guests",
        .array(
          device.guests.map { share in
            .object(
              [
                .init("guest", .string(share.guest.name)), .init("defined", .boolean(share.isDefined)),
                .init("live", .boolean(share.isLive)), .init("managed", .boolean(share.isManaged)),
              ] + optional("nic", share.nic) + optional("alias", share.alias)
                + optional("network", share.network))
          })))
    members += optional("network", device.network?.name)
    if let claim = device.claim {
      members.append(
        .init(
          "manifest",
          .object(
            [.init("nic", .string("\(claim.reference)"))] + optional("guest", claim.guest?.name)
              + optional("guestNIC", claim.claim?.name.value) + optional("origin", claim.origin))))
    }
    if let availability = device.availability { members.append(.init("handOut", json(availability))) }
    return .object(members)
  }

  private static func json(_ availability: Availability) -> JSON {
    switch availability {
    case .free: .object([.init("verdict", .string("free"))])
    case .taken(let by):
      .object([.init("verdict", .string("taken")), .init("by", .array(by.map(JSON.string)))])
    case .refused(let refusals):
      .object([
        .init("verdict", .string("refused")),
        .init(
          "because",
          .array(
            refusals.map { refusal in
              .object([
                .init("code", .string(refusal.code.rawValue)), .init("message", .string(refusal.message)),
                .init("details", .array(refusal.details.map(JSON.string))),
              ])
            })),
      ])
    }
  }

  private static func optional(_ key: String, _ text: String?) -> [JSON.Member] {
    text.map { [.init(key, .string($0))] } ?? []
  }

  private static let header = [
    "address", "vendor", "device", "name", "driver", "override", "interface", "mac", "link", "numa", "group",
    "function", "guest", "manifest", "hand_out",
  ]

  /// Comma-separated values with a header (RFC 4180).
  public static func csv(_ inventory: Inventory, _ filter: InventoryFilter) -> String {
    let rows = inventory.devices.filter(filter.includes).map { device in
      let (function, words) = (device.function, DeviceText(device: device))
      return [
        "\(function.address)", "\(PCIIDHalf(function.id.vendor))", "\(PCIIDHalf(function.id.device))",
        function.name ?? "", function.driver ?? "", function.driverOverride ?? "", words.interface, words.mac,
        words.link, words.numa, function.iommuGroup.map { "\($0)" } ?? "", words.part, words.guest,
        words.claim,
        words.handOut,
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
