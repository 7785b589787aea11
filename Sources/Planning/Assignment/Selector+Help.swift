import Documents
import HostModel
import Manifests

extension Selector {
  /// One selector for each of the conditions.
  private var conditions: [Selector] {
    [
      address.map { Selector(address: $0) }, mac.map { Selector(mac: $0) },
      interface.map { Selector(interface: $0) }, path.map { Selector(path: $0) },
      serial.map { Selector(serial: $0) }, id.map { Selector(id: $0) }, vendor.map { Selector(vendor: $0) },
      device.map { Selector(device: $0) }, subsystem.map { Selector(subsystem: $0) },
      driver.map { Selector(driver: $0) }, numaNode.map { Selector(numaNode: $0) },
      slot.map { Selector(slot: $0, port: port) },
    ].compactMap { $0 }
  }

  /// Returns what to do if no function matches: it names the conditions that no function meets, and the most
  /// similar value.
  func help(_ host: HostIndex) -> String {
    let failed = conditions.filter { condition in host.functions(matching: condition).isEmpty }
    guard !failed.isEmpty else {
      return "different functions match the conditions: remove one of them; to list the NICs: pcipass devices"
    }
    let names = failed.map { condition in
      "\(condition)" + (condition.suggestion(host.state.functions).map { " (did you mean \($0)?)" } ?? "")
    }
    let isByInterface = failed.contains { $0.mac != nil || $0.interface != nil }
    return "correct " + names.joined(separator: " and ") + "; to list the NICs: pcipass devices"
      + (isByInterface ? "; a NIC that was never on its native driver can be selected by address" : "")
  }

  /// Returns the value of a NIC that is most similar to the value of this condition.
  private func suggestion(_ functions: [PCIFunction]) -> String? {
    let nics = functions.filter(\.deviceClass.isNetwork)
    func near(_ text: String, _ values: [String?]) -> String? {
      nearest(to: text, among: values.compactMap { $0 })
    }
    if let address { return near("\(address)", nics.map { "\($0.address)" }) }
    if let mac { return near("\(mac)", nics.map { $0.permanentMAC.map { "\($0)" } }) }
    if let interface { return near(interface, nics.flatMap(\.interfaceNamesAndAltnames)) }
    if let path { return near(path, nics.map(\.path)) }
    if let serial { return near(serial, nics.map(\.serial)) }
    if let id { return near("\(id)", nics.map { "\($0.id)" }) }
    if let subsystem { return near("\(subsystem)", nics.map { $0.subsystem.map { "\($0)" } }) }
    if let driver { return near(driver, nics.map(\.nativeDriver)) }
    return slot.flatMap { slot in
      let isKnown = nics.contains { $0.slots.contains(slot) || $0.firmwareLabel == slot }
      return isKnown ? nil : near(slot, nics.flatMap { $0.slots + [$0.firmwareLabel].compactMap { $0 } })
    }
  }
}
