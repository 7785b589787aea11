import Documents
import HostModel

/// The functions of the guest's PCI slots that devices other than host functions use.
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

  /// The function numbers of such devices in the guest slot of this hostdev. libvirt does not unplug a device
  /// from a shared slot (docs/host-behaviour.md).
  func others(beside hostdev: Hostdev) -> [Int] {
    hostdev.guestAddress.flatMap { functions[$0.slot] }?.sorted() ?? []
  }
}
