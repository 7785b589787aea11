import Documents
import HostModel

extension PCIAddress {
  /// `<address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>`; what is left out is 0.
  init?(libvirt element: XMLElement) {
    var numbers: [UInt32] = []
    for name in ["domain", "bus", "slot", "function"] {
      guard let text = element[attribute: name] else {
        // Nothing at all is no address.
        if name == "bus" || name == "slot" { return nil }
        numbers.append(0)
        continue
      }
      guard let number = Self.number(text) else { return nil }
      numbers.append(number)
    }
    self.init(domain: numbers[0], bus: numbers[1], device: numbers[2], function: numbers[3])
  }

  /// As C's strtoul reads it with base 0, and so libvirt.
  private static func number(_ text: String) -> UInt32? {
    guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
    if text.hasPrefix("0x") || text.hasPrefix("0X") { return UInt32(text.dropFirst(2), radix: 16) }
    return text.hasPrefix("0") ? UInt32(text, radix: 8) : UInt32(text)
  }

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
