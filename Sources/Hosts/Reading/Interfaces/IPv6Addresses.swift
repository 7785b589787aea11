import Files
import HostModel
import SystemPackage

/// The IPv6 addresses in `/proc/net/if_inet6`, for a captured tree without the output of ip(8).
enum IPv6Addresses {
  private static let linkScope: UInt32 = 0x20

  /// The addresses by interface, without link-local ones. Empty if the file does not exist, as on a kernel
  /// without IPv6.
  static func read(_ tree: borrowing Tree, _ scratch: Scratch) throws(Errno)
    -> [String: [(IPAddress, length: Int)]]
  {
    var result: [String: [(IPAddress, length: Int)]] = [:]
    do {
      try tree.networkFile("if_inet6").lines(upTo: 16 << 20, scratch) { line in
        // The fields are address, index, prefix length, scope, flags and name.
        let fields = line.fields
        guard fields.count >= 6, let scope = fields[3].hexadecimal, scope != linkScope,
          let length = fields[2].hexadecimal, length <= 128, fields[0].count == 32,
          let address = IPAddress(digits: fields[0])
        else { return true }
        let name = fields[5].text
        if isInterfaceName(name) { result[name, default: []].append((address, Int(length))) }
        return true
      }
    } catch {
      if error != .noSuchFileOrDirectory { throw error }
    }
    return result
  }
}
