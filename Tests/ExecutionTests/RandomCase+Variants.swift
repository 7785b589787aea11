import HostModel
import TestSupport

/// Random functions with a variant of vfio-pci, some of which are bound to it.
extension RandomCase {
  static let variant = "igb_vfio_pci"

  /// Adds variants, with separate dice so that the rest of the case depends only on its seed.
  mutating func addVariants(_ dice: inout Dice) {
    let ofVFs = Set(start.functions.filter { $0.sriov != nil && dice.chance(25) }.map(\.address))
    var bound: Set<PCIAddress> = []
    for index in start.functions.indices {
      let function = start.functions[index]
      guard function.deviceClass.isNetwork else { continue }
      if ofVFs.contains(function.address) { start.functions[index].sriov?.variantDriver = Self.variant }
      let hasVariant = function.virtualFunction.map { ofVFs.contains($0.physicalFunction) } ?? dice.chance(20)
      guard hasVariant else { continue }
      start.functions[index].variantDriver = Self.variant
      guard function.driver == "vfio-pci", isManaged(function.address) || dice.chance(50) else { continue }
      start.functions[index].driver = Self.variant
      if function.driverOverride == "vfio-pci" { start.functions[index].driverOverride = Self.variant }
      bound.insert(function.address)
    }
    for address in bound where start.simulation?.managedFrom["\(address)"] == "vfio-pci" {
      let native = start[address]?.nativeDriver
      start.simulation?.managedFrom["\(address)"] = native
    }
    if !bound.isEmpty, let drivers = start.kernel.drivers.value {
      start.kernel.drivers = .known((drivers + [Self.variant]).sorted())
    }
    let driver = dice.one("", "", "", "driver: auto, ", "driver: vfio-pci, ")
    manifests.replace("spec: {driver: vfio-pci, ", with: "spec: {" + driver)
  }

  /// Whether libvirt has bound the function for a running guest.
  private func isManaged(_ address: PCIAddress) -> Bool {
    (start.libvirt.value ?? []).contains { guest in
      guest.live?.contains { $0.address == address && $0.isManaged } ?? false
    }
  }
}
