import ArgumentParser

/// QEMU's model of an assigned device.
enum DeviceModel: String, CaseIterable, ExpressibleByArgument {
  case vfioPCI = "vfio-pci"
  case pciAssign = "pci-assign"
}
