import Documents

/// The address of a PCI function: domain, bus, device and function, as the kernel writes it (`0000:03:00.0`).
public struct PCIAddress: Hashable, Sendable {
  public let domain: UInt32
  public let bus: UInt8
  public let device: UInt8
  public let function: UInt8

  /// Parses `DDDD:BB:DD.F`, hexadecimal; nil for any other text. The domain has four to eight digits: domains
  /// behind some host bridges, such as Intel VMD, are larger than ffff.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard (12...16).contains(bytes.count) else { return nil }
    let tail = bytes.count - 8
    guard bytes[tail] == UInt8(ascii: ":"), bytes[tail + 3] == UInt8(ascii: ":"),
      bytes[tail + 6] == UInt8(ascii: "."),
      let domain = hexadecimal(bytes[..<tail]), let bus = hexadecimal(bytes[(tail + 1)..<(tail + 3)]),
      let device = hexadecimal(bytes[(tail + 4)..<(tail + 6)]), device < 32,
      let function = hexadecimal(bytes[(tail + 7)...]), function < 8
    else { return nil }
    self.domain = domain
    self.bus = UInt8(bus)
    self.device = UInt8(device)
    self.function = UInt8(function)
  }

  /// Parses an address that a person typed. The domain 0000 may be missing, as lspci prints it.
  public init?(typed text: String) {
    guard let address = PCIAddress(text) ?? PCIAddress("0000:" + text) else { return nil }
    self = address
  }

  /// Nil if a number is larger than PCI allows.
  public init?(domain: UInt32, bus: UInt32, device: UInt32, function: UInt32) {
    guard bus < 256, device < 32, function < 8 else { return nil }
    self.domain = domain
    self.bus = UInt8(bus)
    self.device = UInt8(device)
    self.function = UInt8(function)
  }

  /// The address of function 0 of the same slot.
  public var slot: PCIAddress { PCIAddress(domain, bus, device, 0) }

  private init(_ domain: UInt32, _ bus: UInt8, _ device: UInt8, _ function: UInt8) {
    (self.domain, self.bus, self.device, self.function) = (domain, bus, device, function)
  }

  static let pattern =
    "^[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[01][0-9a-fA-F]\\.[0-7]$"
}

extension PCIAddress: CustomStringConvertible {
  public var description: String {
    hexadecimal(domain, digits: 4) + ":" + hexadecimal(UInt32(bus), digits: 2) + ":"
      + hexadecimal(UInt32(device), digits: 2) + "." + String(function)
  }
}

extension PCIAddress: Comparable {
  public static func < (one: Self, other: Self) -> Bool {
    (one.domain, one.bus, one.device, one.function) < (other.domain, other.bus, other.device, other.function)
  }
}

extension PCIAddress {
  /// The address with its domain. For the notations of lspci and of libvirt, an error suggests it.
  public static let form = Form<PCIAddress>.text(
    "a PCI address such as 0000:03:00.0", pattern: pattern, parse: { PCIAddress($0) },
    print: \.description,
    hint: { text in
      if PCIAddress("0000:" + text) != nil {
        return "did you mean 0000:\(text)? (lspci -D prints the domain)"
      }
      // libvirt names node devices `pci_0000_03_00_0`.
      let parts = text.split(separator: "_")
      if parts.count == 5, parts[0] == "pci" {
        let address = "\(parts[1]):\(parts[2]):\(parts[3]).\(parts[4])"
        if PCIAddress(address) != nil { return "did you mean \(address)?" }
      }
      return nil
    })
}

/// The vendor and device id of a function, as `lspci -n` prints them (`8086:10c9`).
public struct PCIID: Hashable, Sendable, CustomStringConvertible {
  public let vendor: UInt16
  public let device: UInt16

  public init(vendor: UInt16, device: UInt16) {
    self.vendor = vendor
    self.device = device
  }

  /// Parses `VVVV:DDDD`, each with or without `0x`; nil for any other text.
  public init?(_ text: some StringProtocol) {
    let parts = divided(text, at: ":")
    guard parts.count == 2, let vendor = Self.half(parts[0]), let device = Self.half(parts[1]) else {
      return nil
    }
    self.init(vendor: vendor, device: device)
  }

  private static func half(_ text: some StringProtocol) -> UInt16? {
    let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
    guard digits.utf8.count == 4 else { return nil }
    return hexadecimal(Array(digits.utf8)[...]).map(UInt16.init)
  }

  public var description: String {
    hexadecimal(UInt32(vendor), digits: 4) + ":" + hexadecimal(UInt32(device), digits: 4)
  }

  public static let form = Form<PCIID>.text(
    "a vendor and device id such as 8086:10c9", pattern: "^(0x)?[0-9a-fA-F]{4}:(0x)?[0-9a-fA-F]{4}$",
    parse: { PCIID($0) }, print: \.description)
}

/// A vendor id or a device id. It is hexadecimal with and without `0x`, as other tools print ids.
public struct PCIIDHalf: Hashable, Sendable, CustomStringConvertible {
  public let value: UInt16

  public init(_ value: UInt16) { self.value = value }

  /// Parses one to four hexadecimal digits, with or without `0x`; nil for any other text.
  public init?(_ text: some StringProtocol) {
    let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
    guard (1...4).contains(digits.utf8.count), let value = hexadecimal(Array(digits.utf8)[...]) else {
      return nil
    }
    self.value = UInt16(value)
  }

  public var description: String { hexadecimal(UInt32(value), digits: 4) }

  public static let form = Form<PCIIDHalf>.text(
    "a hexadecimal id such as 8086 or 0x8086", pattern: "^(0x)?[0-9a-fA-F]{1,4}$", integers: 0...0xFFFF,
    parse: { PCIIDHalf($0) }, print: \.description)
}

/// The number of one to eight hexadecimal digits. Nil for any other text, including a sign, white space or
/// `0x`.
func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt32? {
  guard (1...8).contains(digits.count) else { return nil }
  var value: UInt32 = 0
  for digit in digits {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(digit - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(digit - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(digit - UInt8(ascii: "A") + 10)
    default: return nil
    }
  }
  return value
}

func hexadecimal(_ value: UInt32, digits: Int) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
}
