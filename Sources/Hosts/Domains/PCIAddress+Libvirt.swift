import Documents
import HostModel

extension PCIAddress {
  /// Reads `<address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>`. A missing attribute is 0. Nil
  /// if a number is invalid.
  init?(libvirt element: XMLElement) {
    var numbers: [UInt32] = []
    for name in ["domain", "bus", "slot", "function"] {
      guard let number = element[attribute: name].map(Self.number) ?? 0 else { return nil }
      numbers.append(number)
    }
    self.init(domain: numbers[0], bus: numbers[1], device: numbers[2], function: numbers[3])
  }

  /// Reads a number as libvirt does, by strtoul(3) with base 0 and no characters after it: leading white
  /// space and `+` are accepted, `-` is not; `0x` and `0b` are prefixes, and a leading 0 means octal.
  private static func number(_ text: String) -> UInt32? {
    var digits = text.utf8.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
    if digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    var radix = 10
    if digits.first == UInt8(ascii: "0"), let sign = digits.dropFirst().first {
      switch sign | 0x20 {
      case UInt8(ascii: "x"): (radix, digits) = (16, digits.dropFirst(2))
      case UInt8(ascii: "b"): (radix, digits) = (2, digits.dropFirst(2))
      default: radix = 8
      }
    }
    // `UInt32(_:radix:)` accepts a sign, which is not valid after a prefix.
    guard let first = digits.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-") else { return nil }
    return UInt32(Substring(digits), radix: radix)
  }

  /// Whether libvirt treats this guest address as missing and chooses one.
  var isUnassigned: Bool { domain == 0 && bus == 0 && device == 0 }

  /// The attributes of libvirt's `<address>` element.
  var libvirtAttributes: String {
    func hexadecimal(_ number: some BinaryInteger, digits: Int) -> String {
      let text = String(number, radix: 16)
      return "0x" + String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    return "domain='\(hexadecimal(domain, digits: 4))' bus='\(hexadecimal(bus, digits: 2))' "
      + "slot='\(hexadecimal(device, digits: 2))' function='\(hexadecimal(function, digits: 1))'"
  }
}
