import Documents
import HostModel

/// Where in a running guest a PCI device can be plugged in. libvirt gives a definition as many root ports as it
/// needs, and a running guest none (https://libvirt.org/pci-hotplug.html).
struct GuestPorts {
  /// Nil where the machine has another kind of bus.
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
      // 0 is the host bridge, 1 the chip set's.
      case "pci-root": sum + (2..<32).count { !slots.contains($0) }
      case "pci-bridge" where !isExpress: sum + (1..<32).count { !slots.contains($0) }
      default: sum
      }
    }
  }
}
