import Documents
import HostModel

extension PCIAddress {
  /// `<address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>`; what is left out is 0, be it all four.
  init?(libvirt element: XMLElement) {
    var numbers: [UInt32] = []
    for name in ["domain", "bus", "slot", "function"] {
      guard let number = element[attribute: name].map(Self.number) ?? 0 else { return nil }
      numbers.append(number)
    }
    self.init(domain: numbers[0], bus: numbers[1], device: numbers[2], function: numbers[3])
  }

  /// As C's strtoul reads it with base 0, and so libvirt, which refuses what does not end with the number: space before it
  /// is passed over, `+` is taken, `-` is not; `0x` and `0b` before digits, and a 0 for octal.
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
    // Swift takes a sign before digits of any base.
    guard let first = digits.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-") else { return nil }
    return UInt32(Substring(digits), radix: radix)
  }

  /// libvirt takes such an address in the guest for none, and chooses one.
  var isUnassigned: Bool { domain == 0 && bus == 0 && device == 0 }

  /// The attributes of libvirt's `<address>`.
  var libvirtAttributes: String {
    func hexadecimal(_ number: some BinaryInteger, digits: Int) -> String {
      let text = String(number, radix: 16)
      return "0x" + String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    return "domain='\(hexadecimal(domain, digits: 4))' bus='\(hexadecimal(bus, digits: 2))' "
      + "slot='\(hexadecimal(device, digits: 2))' function='\(hexadecimal(function, digits: 1))'"
  }
}
