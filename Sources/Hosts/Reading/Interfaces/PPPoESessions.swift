import Files
import HostModel

/// `/proc/net/pppoe`: the sessions of PPPoE, which leave no link and no address on the interfaces that they go by (Linux,
/// drivers/net/ppp/pppoe.c).
enum PPPoESessions {
  static let file = "pppoe"

  /// The interface of a line, and the use that is made of it; nil for the head.
  static func use(_ line: Bytes) -> (interface: String, use: HostUse)? {
    // Id Address Device; the id is in network order.
    let fields = line.fields
    guard fields.count >= 3, let id = fields[0].hexadecimal else { return nil }
    let name = fields[2].text
    let number = UInt16(truncatingIfNeeded: id).byteSwapped
    return isInterfaceName(name) ? (name, HostUse(.pppoe, "\(number) over \(name)")) : nil
  }
}
