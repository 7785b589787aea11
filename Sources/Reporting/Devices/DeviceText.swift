import Documents
import HostModel
import Manifests
import Planning

/// The texts of one function for tables and lists. The caller makes them printable.
struct DeviceText {
  let device: InventoryDevice

  private var function: PCIFunction { device.function }

  /// The driver, with the override where that differs.
  var driver: String {
    let driver = function.driver ?? "-"
    guard let override = function.driverOverride, override != function.driver else { return driver }
    return "\(driver) (override \(override))"
  }

  var name: String { function.name ?? "class \(function.deviceClass)" }

  /// The names of the interfaces, or the remembered name in parentheses.
  var interface: String {
    if !function.interfaces.isEmpty { return function.interfaces.map(\.label).joined(separator: " ") }
    return function.remembered?.interface.map { "(\($0))" } ?? ""
  }

  var mac: String {
    let own = function.interfaces.compactMap { $0.permanentMAC ?? $0.mac }
    if !own.isEmpty { return own.map(\.description).joined(separator: " ") }
    if case .known(let settings) = function.virtualFunction?.settings, let mac = settings.mac, !mac.isZero {
      return "\(mac)"
    }
    return function.remembered?.mac.map { "(\($0))" } ?? ""
  }

  var link: String { function.interfaces.map(\.linkText).joined(separator: " ") }

  var numa: String { function.numaNode.map { "\($0)" } ?? "" }

  var group: String { function.iommuGroup.map { "\($0)" } ?? "-" }

  /// Whether the function is a PF or a VF.
  var part: String {
    if let place = function.virtualFunction { return "VF \(place.index) of \(place.physicalFunction)" }
    guard let sriov = function.sriov else { return "" }
    return "PF, \(sriov.count) of \(sriov.total) VFs"
  }

  var guest: String { device.guests.map(Self.guest).joined(separator: ", ") }

  private static func guest(_ share: AssignedGuest) -> String {
    if let network = share.network { return "\(share.guest.name) (libvirt network \(network))" }
    var notes: [String] = []
    if let nic = share.guestNIC { notes.append(nic) } else { notes.append("not by pcipass") }
    if share.isDefined, !share.isLive { notes.append("defined only") }
    if share.isLive, !share.isDefined, share.guest.traits.hasDefinition {
      notes.append("not in its definition")
    }
    return "\(share.guest.name) (\(notes.joined(separator: ", ")))"
  }

  /// The name of the NIC in the manifests, the guest that claims it, and the location of the claim.
  var claim: String {
    guard let claim = device.claim else { return "" }
    let use = claim.guest.map { " for \($0.name)" } ?? (claim.nic.reserve ? " reserved" : "")
    return "\(claim.reference)\(use)" + (claim.origin.map { "  \($0)" } ?? "")
  }

  /// Whether the function can be assigned, otherwise the reasons against it.
  var assignable: String {
    guard let availability = device.availability else { return "" }
    let codes = ": " + unique(availability.refusals.map(\.code.rawValue)).joined(separator: ", ")
    return switch availability.state {
    case .available: "available"
    case .inUse: "in use"
    case .reserved where device.network?.ownsMembers == true:
      "reserved: libvirt network \(device.network?.name ?? "")"
    case .reserved: "reserved" + codes
    case .unknown: "unknown" + codes
    }
  }
}

/// The distinct values in the order of their first occurrence.
func unique<Value: Hashable>(_ values: [Value]) -> [Value] {
  var seen: Set<Value> = []
  return values.filter { seen.insert($0).inserted }
}
