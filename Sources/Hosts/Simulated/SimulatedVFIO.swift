import HostModel
import Manifests
import Planning

/// Simulates VFIO: a guest that has one function of an IOMMU group has the whole group open.
extension SimulatedKernel {
  /// Opens the IOMMU group of a function for a guest.
  ///
  /// - Returns: the error of QEMU if it cannot open the group; nil if it has opened the group.
  mutating func openGroup(of address: PCIAddress, for manager: GuestManager) -> String? {
    guard let function = state[address] else {
      return "vfio /sys/bus/pci/devices/\(address): no such host device: No such file or directory"
    }
    let staying = state.functions.first { other in
      other.address != function.address && other.iommuGroup == function.iommuGroup
        && other.driver.map { !Drivers.isPassthrough($0) && $0 != "pcieport" } ?? false
    }
    if staying != nil { return "vfio \(address): group \(function.iommuGroup ?? 0) is not viable" }
    let group = group(of: address)
    let isItsOwn = isOpen(group) { $0 == manager }
    if !isItsOwn, group.contains(where: { state.functions[$0].holders.value?.isEmpty == false }) {
      return
        "vfio \(address): Could not open '/dev/vfio/\(function.iommuGroup ?? 0)': Device or resource busy"
    }
    // The kernel shows the process as a holder of each function of the group.
    let holder = Holder(process: Self.process(of: manager), command: "qemu-system-x86")
    for number in group where HolderReader.couldBeHeld(state.functions[number]) {
      state.functions[number].holders = .known([holder])
    }
    return nil
  }

  /// The indices of the functions in the IOMMU group of a function, including the function itself.
  private func group(of address: PCIAddress) -> [Int] {
    guard let function = state[address] else { return [] }
    return state.functions.indices.filter { index in
      state.functions[index].address == address
        || function.iommuGroup != nil && state.functions[index].iommuGroup == function.iommuGroup
    }
  }

  /// Whether a running guest has one of these functions.
  private func isOpen(_ group: [Int], by isCounted: (GuestManager) -> Bool = { _ in true }) -> Bool {
    let addresses = Set(group.map { state.functions[$0].address })
    return state.allGuests.contains { guest in
      isCounted(guest.manager) && guest.state.live?.contains { addresses.contains($0.address) } ?? false
    }
  }

  /// Closes the IOMMU group of a function if no guest has a function of the group any more.
  mutating func closeGroup(of address: PCIAddress) {
    let group = group(of: address)
    if !isOpen(group) { for number in group { state.functions[number].holders = .known([]) } }
  }

  /// A process id that is the same for the same guest.
  private static func process(of manager: GuestManager) -> Int {
    manager.name.utf8.reduce(4000) { ($0 &* 31 &+ Int($1)) % 30_000 } + 1000
  }
}
