import Files
import HostModel

/// PPPoE sessions in `/proc/net/pppoe` (Linux, drivers/net/ppp/pppoe.c). A session leaves no link and no
/// address on its interface.
enum PPPoESessions {
  static let file = "pppoe"

  /// The interface and the use of one line; nil for the header.
  static func use(_ line: Bytes) -> (interface: String, use: HostUse)? {
    // The fields are Id, Address and Device. The id is in network byte order.
    let fields = line.fields
    guard fields.count >= 3, let id = fields[0].hexadecimal else { return nil }
    let name = fields[2].text
    let number = UInt16(truncatingIfNeeded: id).byteSwapped
    return isInterfaceName(name) ? (name, HostUse(.pppoe, "\(number) over \(name)")) : nil
  }
}
