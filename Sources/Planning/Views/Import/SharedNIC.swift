import Documents
import HostModel
import Manifests

/// A NIC of an import that several hosts may have in common.
struct SharedNIC {
  /// What the entries of the hosts have in common, except for the name and the selector.
  struct Properties: Hashable {
    let id: PCIID?
    let driver: PassthroughDriver?
    let isReserved: Bool
    let virtualFunctions: Int?
  }

  /// Properties and a condition that selects the NIC.
  struct Key: Hashable {
    let properties: Properties
    let select: Selector
  }

  let properties: Properties
  /// The conditions each of which alone selects the NIC on each of the hosts, the best first.
  var selectors: [Selector]
  /// The NIC on each of the hosts, by the number of the host.
  var functions: [Int: Function]

  /// The NIC on one host, with the name that the import of that host gives to it.
  struct Function {
    let address: PCIAddress
    let name: String
  }

  init?(_ nic: HostNIC, of imported: Import, on host: HostIndex, number: Int) {
    guard let address = imported.addresses[nic.name.value], let function = host.functions[address] else {
      return nil
    }
    properties = Properties(
      id: nic.expect?.value.id, driver: nic.driver?.value, isReserved: nic.reserve,
      virtualFunctions: nic.virtualFunctions?.value.count)
    selectors = host.places(of: function)
    functions = [number: Function(address: address, name: nic.name.value)]
  }

  func key(_ select: Selector) -> Key { Key(properties: properties, select: select) }
}

extension HostIndex {
  /// Returns the conditions on the place of a function that select no other one, in the order in which a class
  /// prefers them: slot and port, path, address. A place in the mainboard is the same on hosts of one model; a
  /// MAC address or a serial number never is.
  fileprivate func places(of function: PCIFunction) -> [Selector] {
    let inSlots = function.slots.compactMap { slot -> Selector? in
      // A manifest accepts names of at most 253 characters and ports up to 255. A name that cannot be typed
      // does not help the reader of a manifest.
      let ports = ports(inSlot: slot)
      guard slot.utf8.count <= 253, slot.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), ports.count == 1,
        let port = ports[0].firstIndex(of: function.address), port < 256
      else { return nil }
      return Selector(slot: slot, port: port)
    }
    let others = [function.path.map { Selector(path: $0) }, Selector(address: function.address)]
    return (inSlots + others.compactMap { $0 }).filter {
      functions(matching: $0).map(\.address) == [function.address]
    }
  }
}
