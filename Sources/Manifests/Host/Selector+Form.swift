import Documents
import HostModel

extension Selector {
  /// The conditions for one NIC.
  static let form = form(
    "Selector", "Selects a PCI function. Exactly one function must match all given keys.")

  /// The conditions for the members of a pool.
  static let formOfPool = form(
    "PoolSelector",
    "Selects the members of a pool: every NIC that matches all given keys and is not a VF.")

  private static func form(_ name: String, _ about: String) -> Form<Selector> {
    .record(
      name, about,
      Field("address", \.address, optional: PCIAddress.form, "The PCI address, as `lspci -D` prints it."),
      Field("mac", \.mac, optional: MACAddress.unicastForm, "The permanent MAC address."),
      Field(
        "interface", \.interface, optional: .interfacePattern,
        "The name of the network interface, or an alternative name; * ? and [] are wildcards."),
      Field(
        "path", \.path, optional: .devicePath,
        "The path under /sys/devices, of the NIC or of a bridge above it."),
      Field("serial", \.serial, optional: .deviceSerial, "Its PCIe Device Serial Number."),
      Field("id", \.id, optional: PCIID.form, "Vendor and device id, as `lspci -n` prints them."),
      Field(
        "vendor", \.vendor, optional: PCIIDHalf.form, "Vendor id, hexadecimal with or without 0x."),
      Field(
        "device", \.device, optional: PCIIDHalf.form, "Device id, hexadecimal with or without 0x."),
      Field("subsystem", \.subsystem, optional: PCIID.form, "Subsystem vendor and device id."),
      Field("driver", \.driver, optional: .fileName("a driver name"), "The native driver."),
      Field(
        "numaNode", \.numaNode, optional: .integer(0...Int(Int32.max)), "The NUMA node of the NIC."),
      Field(
        "slot", \.slot, optional: .slotName,
        "The slot: a name in /sys/bus/pci/slots, or an index or a label of the firmware."),
      Field(
        "port", \.port, optional: .integer(0...255),
        "The number of the port of the card in the slot, from 0, in the order of the addresses."),
      rules: [.some(keys), .requires("port", "slot")], make: Selector.init)
  }

  private static let keys = [
    "address", "mac", "interface", "path", "serial", "id", "vendor", "device", "subsystem", "driver",
    "numaNode", "slot",
  ]
}

extension Form<String> {
  /// An interface name that may contain wildcards. An alternative name may have 127 characters
  /// (Linux, include/uapi/linux/if.h, ALTIFNAMSIZ).
  static let interfacePattern = Form.text(
    "an interface name of 1 to 127 characters", pattern: "^[!-.0-9;-~]{1,127}$", except: [".", ".."],
    integers: 0...Int.max, parse: { isInterfacePattern($0) ? $0 : nil }, print: { $0 })

  /// The name of a slot: one line of text.
  static let slotName = Form.text(
    "a slot name of 1 to 253 characters", pattern: "^[^\\x00-\\x1f\\x7f-\\x9f]{1,253}$",
    integers: 0...Int.max,
    parse: { (1...253).contains($0.unicodeScalars.count) && !$0.hasControlCharacters ? $0 : nil },
    print: { $0 })
}

private func isInterfacePattern(_ text: String) -> Bool {
  (1...127).contains(text.utf8.count) && text != "." && text != ".."
    && text.utf8.allSatisfy {
      (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":")
    }
}
