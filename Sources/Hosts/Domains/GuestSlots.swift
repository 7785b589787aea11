import Documents
import HostModel

/// What other devices than host functions have in the guest's PCI slots.
struct GuestSlots {
  private var functions: [PCIAddress: Set<Int>] = [:]

  init(_ devices: [XMLElement]) {
    for device in devices where !Self.isHostFunction(device) {
      guard let address = device.first("address"), address[attribute: "type"] == "pci",
        let place = PCIAddress(libvirt: address)
      else { continue }
      functions[place.slot, default: []].insert(Int(place.function))
    }
  }

  private static func isHostFunction(_ device: XMLElement) -> Bool {
    device.name == "hostdev" && device[attribute: "type"] == "pci"
      || device.name == "interface" && device[attribute: "type"] == "hostdev"
  }

  func others(beside hostdev: Hostdev) -> [Int] {
    hostdev.guestAddress.flatMap { functions[$0.slot] }?.sorted() ?? []
  }
}
