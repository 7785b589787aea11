import Documents
import HostModel

/// What was seen of functions while they had an interface. A NIC on a passthrough driver shows neither its
/// MAC nor its name, and must still be found by them.
public struct IdentityStore: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public var address: PCIAddress
    public var id: PCIID
    public var serial: String?
    public var mac: MACAddress?
    public var interface: String?
    public var driver: String?

    public init(
      address: PCIAddress, id: PCIID, serial: String? = nil, mac: MACAddress? = nil,
      interface: String? = nil, driver: String? = nil
    ) {
      self.address = address
      self.id = id
      self.serial = serial
      self.mac = mac
      self.interface = interface
      self.driver = driver
    }
  }

  /// By address, one for each.
  public private(set) var entries: [Entry]

  public init(entries: [Entry] = []) {
    var seen: Set<PCIAddress> = []
    self.entries = entries.filter { seen.insert($0.address).inserted }.sorted { $0.address < $1.address }
  }

  /// The identities of those functions of which something is remembered.
  public func matching(_ functions: [PCIFunction]) -> [PCIAddress: Identity] {
    entriesMatching(functions).mapValues {
      Identity(mac: $0.mac, interface: $0.interface, driver: $0.driver)
    }
  }

  /// The store after this host was seen: what has an interface or a driver of its own is remembered as it
  /// is now, cards that moved are followed, and what another card has replaced is forgotten.
  public func remembering(_ state: HostState) -> IdentityStore {
    let matching = entriesMatching(state.functions)
    let moved = Set(matching.values.map(\.address))
    let occupied = Set(state.functions.filter { $0.id != .unreadable }.map(\.address))
    var result = entries.filter { !moved.contains($0.address) && !occupied.contains($0.address) }
    for function in state.functions where function.deviceClass.isNetwork {
      let entry = matching[function.address]
      let driver = function.driver.flatMap { Drivers.isHosts($0) ? $0 : nil }
      if entry == nil, function.interfaces.isEmpty, driver == nil { continue }
      // In another namespace it may have a name that means nothing here.
      let (interface, own) = (function.interfaces.first, function.ownInterfaces.first)
      result.append(
        Entry(
          address: function.address, id: function.id, serial: function.serial ?? entry?.serial,
          mac: interface?.permanentMAC ?? entry?.mac, interface: own?.name ?? entry?.interface,
          driver: driver ?? entry?.driver))
    }
    return IdentityStore(entries: result)
  }

  /// An entry holds for the function at its address that has its id and, where both are known, its serial;
  /// a serial that is found elsewhere has moved, and its entry with it.
  private func entriesMatching(_ functions: [PCIFunction]) -> [PCIAddress: Entry] {
    guard !entries.isEmpty else { return [:] }
    let byAddress = Dictionary(uniqueKeysWithValues: entries.map { ($0.address, $0) })
    var bySerial: [SerialKey: [Entry]] = [:]
    for entry in entries {
      if let key = SerialKey(entry) { bySerial[key, default: []].append(entry) }
    }
    var result: [PCIAddress: Entry] = [:]
    for function in functions {
      if let entry = byAddress[function.address], entry.id == function.id,
        entry.serial == nil || function.serial == nil || entry.serial == function.serial
      {
        result[function.address] = entry
      } else if let key = SerialKey(function), let entries = bySerial[key], entries.count == 1 {
        result[function.address] = entries[0]
      }
    }
    return result
  }

  /// What a card keeps when it is put into another slot. All functions of a card share its serial; so do
  /// its VFs, which are therefore not followed.
  private struct SerialKey: Hashable {
    var serial: String
    var id: PCIID
    var function: UInt8

    init?(_ entry: Entry) {
      guard let serial = entry.serial else { return nil }
      (self.serial, id, function) = (serial, entry.id, entry.address.function)
    }

    init?(_ function: PCIFunction) {
      guard function.virtualFunction == nil, let serial = function.serial else { return nil }
      (self.serial, id, self.function) = (serial, function.id, function.address.function)
    }
  }
}
