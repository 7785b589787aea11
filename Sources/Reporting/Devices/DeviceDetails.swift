import Documents
import HostModel
import Planning

/// All known facts about one function as text for a terminal.
public struct DeviceDetails {
  private let style: Style

  public init(style: Style) { self.style = style }

  /// - Parameter unknown: the reasons why the devices of some guests are unknown.
  public func text(_ device: InventoryDevice, unknown: [String]) -> String {
    let lines = self.lines(device, unknown: unknown)
    let width = lines.reduce(0) { max($0, $1.name.utf8.count) }
    return style.bold(printable(device.function.summary)) + "\n"
      + lines.map { line in
        let pad = String(repeating: " ", count: width - line.name.utf8.count + 2)
        return "  " + style.dim(line.name) + pad + printable(line.text) + "\n"
      }.joined()
  }

  private func lines(_ device: InventoryDevice, unknown: [String]) -> [(name: String, text: String)] {
    let function = device.function
    let words = DeviceText(device: device)
    var lines: [(name: String, text: String)] = []
    func add(_ name: String, _ text: String?) {
      if let text, !text.isEmpty { lines.append((name, text)) }
    }
    add("name", function.name)
    add("id", "\(function.id)" + (function.subsystem.map { ", subsystem \($0)" } ?? ""))
    add("class", "\(function.deviceClass)")
    add("path", function.path)
    add("serial", function.serial)
    add("driver", words.driver)
    add("native driver", function.nativeDriver ?? "unknown")
    add("NUMA node", words.numa)
    add("IOMMU group", words.group == "-" ? "none" : words.group)
    for companion in device.siblings { add("same group", companion.summary) }
    add("function", words.part)
    if let place = function.virtualFunction {
      add("VF settings", place.settings.value?.description ?? "unknown: \(place.settings.reason ?? "")")
    }
    for interface in function.interfaces {
      add("interface", Self.words(interface, words.link))
      switch interface.uses {
      case .known(let uses): for use in uses { add("used by host", "\(interface.name) \(use.clause)") }
      case .unavailable(let reason):
        add("used by host", "whether the host uses \(interface.name) is unknown: \(reason)")
      }
      for remark in interface.remarks { add("note", remark) }
    }
    if function.interfaces.isEmpty, let remembered = function.remembered {
      add(
        "remembered",
        [remembered.interface, remembered.mac.map { "\($0)" }, remembered.driver.map { "on \($0)" }]
          .compactMap { $0 }.joined(separator: " "))
    }
    switch function.holders {
    case .known(let holders):
      for holder in holders { add("opened by", "\(holder.command) (process \(holder.process))") }
    case .unavailable(let reason): add("opened by", "unknown: \(reason)")
    }
    for share in device.guests { add("guest", Self.words(share)) }
    for reason in unique(unknown) { add("guest", "unknown: \(reason)") }
    if let network = device.network {
      add("libvirt network", network.name + (network.isActive ? "" : ", inactive"))
    }
    add("manifest", words.claim)
    add("assigned", device.claim?.assignment?.words)
    if let availability = device.availability { add("assignable", availability.words) }
    for refusal in device.availability?.refusals ?? [] {
      add("", "\(refusal.message) [\(refusal.code.rawValue)]")
      for detail in refusal.details { add("", "  " + detail) }
      add("", refusal.help.map { "help: " + $0 })
    }
    for problem in function.unreadable { add("unreadable", problem) }
    return lines
  }

  private static func words(_ interface: NetworkInterface, _ link: String) -> String {
    var words = [interface.name]
    if let mac = interface.mac { words.append("\(mac)") }
    if let own = interface.permanentMAC, own != interface.mac { words.append("(permanent: \(own))") }
    return (words + [link]).joined(separator: " ")
  }

  private static func words(_ share: AssignedGuest) -> String {
    let parts = [share.isDefined ? "the definition" : nil, share.isLive ? "the running guest" : nil]
      .compactMap { $0 }
    return "\(share.guest), in \(parts.joined(separator: " and ")), "
      + (share.guestNIC.map { "assigned by pcipass as \($0)" }
        ?? share.network.map { "assigned by the libvirt network \($0)" } ?? "not assigned by pcipass")
      + (share.alias.map { " (\($0))" } ?? "") + (share.isManaged ? "" : ", not managed")
  }
}
