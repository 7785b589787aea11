import Documents
import HostModel

/// What other devices than host functions have in the guest's PCI slots.
struct GuestSlots {
  private var functions: [PCIAddress: Set<Int>] = [:]

  init(_ devices: [XMLElement]) {
    for device in devices where HostdevXML.device(of: device) == nil {
      guard let address = device.first("address"), address[attribute: "type"] == "pci",
        let place = PCIAddress(libvirt: address)
      else { continue }
      functions[place.slot, default: []].insert(Int(place.function))
    }
  }

  func others(beside hostdev: Hostdev) -> [Int] {
    hostdev.guestAddress.flatMap { functions[$0.slot] }?.sorted() ?? []
  }
}
