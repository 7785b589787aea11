import Glibc
import HostModel

/// The conditions that select a function. A function must meet all that are given; at least one is given.
public struct Selector: Sendable, Hashable {
  public var address: PCIAddress?
  /// The permanent MAC address.
  public var mac: MACAddress?
  /// The name of the network interface or an alternative name of it, also the last ones that pcipass
  /// recorded while the NIC had an interface. It may contain the wildcards of glob(7).
  public var interface: String?
  /// The path under /sys/devices, of the function itself or of a bridge above it.
  public var path: String?
  /// The PCIe Device Serial Number of the card.
  public var serial: String?
  public var id: PCIID?
  public var vendor: PCIIDHalf?
  public var device: PCIIDHalf?
  /// The subsystem vendor and device id.
  public var subsystem: PCIID?
  /// The native driver.
  public var driver: String?
  public var numaNode: Int?
  /// The slot of the card: the name of a slot of the kernel, or an index or a label of the firmware.
  public var slot: String?
  /// With `slot`: the number of the port of the card, counted from 0.
  public var port: Int?

  public init(
    address: PCIAddress? = nil, mac: MACAddress? = nil, interface: String? = nil, path: String? = nil,
    serial: String? = nil, id: PCIID? = nil, vendor: PCIIDHalf? = nil, device: PCIIDHalf? = nil,
    subsystem: PCIID? = nil, driver: String? = nil, numaNode: Int? = nil, slot: String? = nil,
    port: Int? = nil
  ) {
    self.address = address
    self.mac = mac
    self.interface = interface
    self.path = path
    self.serial = serial
    self.id = id
    self.vendor = vendor
    self.device = device
    self.subsystem = subsystem
    self.driver = driver
    self.numaNode = numaNode
    self.slot = slot
    self.port = port
  }
}

extension Selector {
  /// The keys of conditions that a function no longer meets while a guest has it, except for what pcipass
  /// remembers of it.
  public var keysLostOnDetach: [String] {
    [interface.map { _ in "interface" }, driver.map { _ in "driver" }, mac.map { _ in "mac" }]
      .compactMap { $0 }
  }

  /// Whether `interface` contains a wildcard.
  public var isInterfacePattern: Bool {
    interface?.contains(where: { $0 == "*" || $0 == "?" || $0 == "[" }) ?? false
  }
}

extension Selector {
  /// Whether the interface name matches the wildcards of `interface`, as glob(7) describes them.
  public func matchesInterface(_ name: String) -> Bool { interface.map { fnmatch($0, name, 0) == 0 } ?? true }
}

extension Selector: CustomStringConvertible {
  public var description: String {
    let words: [String?] = [
      address.map { "address \($0)" }, mac.map { "mac \($0)" }, interface.map { "interface \($0)" },
      path.map { "path \($0)" }, serial.map { "serial \($0)" }, id.map { "id \($0)" },
      vendor.map { "vendor \($0)" }, device.map { "device \($0)" }, subsystem.map { "subsystem \($0)" },
      driver.map { "driver \($0)" }, numaNode.map { "numaNode \($0)" }, slot.map { "slot \($0)" },
      port.map { "port \($0)" },
    ]
    return words.compactMap { $0 }.joined(separator: " and ")
  }
}
