import Documents
import HostModel

/// The stored identities of functions that had an interface or a native driver. A NIC on a
/// passthrough driver shows neither its MAC address nor its interface name, but manifests can still
/// select it by them.
public struct IdentityStore: Sendable, Equatable {
  /// The stored identity of one function.
  public struct RememberedFunction: Sendable, Equatable {
    public var address: PCIAddress
    public var id: PCIID
    public var serial: String?
    /// The permanent MAC address.
    public var mac: MACAddress?
    public var interface: String?
    /// The native driver.
    public var driver: String?
    /// The alternative names of the interface.
    public var altnames: [String]

    public init(
      address: PCIAddress, id: PCIID, serial: String? = nil, mac: MACAddress? = nil,
      interface: String? = nil, driver: String? = nil, altnames: [String] = []
    ) {
      self.address = address
      self.id = id
      self.serial = serial
      self.mac = mac
      self.interface = interface
      self.driver = driver
      self.altnames = altnames
    }
  }

  /// The entries in address order, one for each address.
  public private(set) var entries: [RememberedFunction]

  /// If several entries have the same address, the first one is kept.
  public init(entries: [RememberedFunction] = []) {
    var seen: Set<PCIAddress> = []
    self.entries = entries.filter { seen.insert($0.address).inserted }.sorted { $0.address < $1.address }
  }

  /// The remembered identities of these functions, by address. Functions without an entry are left out.
  public func matching(_ functions: [PCIFunction]) -> [PCIAddress: RememberedIdentity] {
    entriesMatching(functions).mapValues {
      RememberedIdentity(mac: $0.mac, interface: $0.interface, driver: $0.driver, altnames: $0.altnames)
    }
  }

  /// The store after this state was observed. Functions with an interface or a native driver are recorded,
  /// entries of cards that moved to another slot are moved, and entries whose address another card has are
  /// deleted.
  public func remembering(_ state: HostState) -> IdentityStore {
    let matching = entriesMatching(state.functions)
    let moved = Set(matching.values.map(\.address))
    let occupied = Set(state.functions.filter { $0.id != .unreadable }.map(\.address))
    var result = entries.filter { !moved.contains($0.address) && !occupied.contains($0.address) }
    for function in state.functions where function.deviceClass.isNetwork {
      let entry = matching[function.address]
      let driver = function.driver.flatMap { Drivers.isNative($0) ? $0 : nil }
      if entry == nil, function.interfaces.isEmpty, driver == nil { continue }
      // An interface name is valid only in its own network namespace, so a name in another one is
      // not recorded.
      let (interface, own) = (function.interfaces.first, function.interfacesInHostNamespace.first)
      result.append(
        RememberedFunction(
          address: function.address, id: function.id, serial: function.serial ?? entry?.serial,
          mac: interface?.permanentMAC ?? entry?.mac, interface: own?.name ?? entry?.interface,
          driver: driver ?? entry?.driver, altnames: Self.altnames(of: own, since: entry)))
    }
    return IdentityStore(entries: result)
  }

  /// The alternative names of an interface in the host's own namespace. Those of the entry stay without an
  /// interface, and where the uses of the interface could not be read: both come from the same source.
  private static func altnames(of own: NetworkInterface?, since entry: RememberedFunction?) -> [String] {
    guard let own, !own.altnames.isEmpty || own.uses.value != nil else { return entry?.altnames ?? [] }
    return own.altnames
  }

  /// Matches entries to functions: by address if the id and, where both are known, the serial number are the
  /// same, and otherwise by serial number, which finds a card that moved.
  private func entriesMatching(_ functions: [PCIFunction]) -> [PCIAddress: RememberedFunction] {
    guard !entries.isEmpty else { return [:] }
    let byAddress = Dictionary(uniqueKeysWithValues: entries.map { ($0.address, $0) })
    var bySerial: [SerialKey: [RememberedFunction]] = [:]
    for entry in entries {
      if let key = SerialKey(entry) { bySerial[key, default: []].append(entry) }
    }
    var result: [PCIAddress: RememberedFunction] = [:]
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

  /// What identifies a card in another slot. All functions of a card share the serial number, hence the
  /// function number. VFs share it too, so entries of VFs are not moved.
  private struct SerialKey: Hashable {
    var serial: String
    var id: PCIID
    var function: UInt8

    init?(_ entry: RememberedFunction) {
      guard let serial = entry.serial else { return nil }
      (self.serial, id, function) = (serial, entry.id, entry.address.function)
    }

    init?(_ function: PCIFunction) {
      guard function.virtualFunction == nil, let serial = function.serial else { return nil }
      (self.serial, id, self.function) = (serial, function.id, function.address.function)
    }
  }
}
