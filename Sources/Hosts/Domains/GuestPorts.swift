import Documents
import HostModel

/// The free PCI ports of a running guest. libvirt adds root ports to a definition as needed, but not to a
/// running guest (https://libvirt.org/pci-hotplug.html).
struct GuestPorts {
  /// The number of free ports; nil if the machine has neither a PCI nor a PCI Express root bus.
  let free: Int?

  init(_ devices: [XMLElement]) {
    var used: [UInt8: Set<UInt8>] = [:]
    for device in devices {
      guard let address = device.first("address"), address[attribute: "type"] == "pci",
        let place = PCIAddress(libvirt: address)
      else { continue }
      used[place.bus, default: []].insert(place.device)
    }
    let controllers = devices.filter { $0.name == "controller" && $0[attribute: "type"] == "pci" }
    let isExpress = controllers.contains { $0[attribute: "model"] == "pcie-root" }
    guard isExpress || controllers.contains(where: { $0[attribute: "model"] == "pci-root" }) else {
      free = nil
      return
    }
    free = controllers.reduce(0) { sum, controller in
      guard let index = controller[attribute: "index"].flatMap(UInt8.init),
        controller.first("target")?[attribute: "hotplug"] != "off"
      else { return sum }
      let slots = used[index] ?? []
      return switch controller[attribute: "model"] {
      case "pcie-root-port", "pcie-switch-downstream-port": sum + (slots.isEmpty ? 1 : 0)
      // Slot 0 is the host bridge, slot 1 the south bridge of the chip set.
      case "pci-root": sum + (2..<32).count { !slots.contains($0) }
      case "pci-bridge" where !isExpress: sum + (1..<32).count { !slots.contains($0) }
      default: sum
      }
    }
  }
}
