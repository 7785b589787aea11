import Glibc
import HostModel
import SystemPackage

/// `/proc/net/if_inet6`: the IPv6 addresses, for where `ip` cannot be asked.
enum IPv6Addresses {
  private static let linkScope: UInt32 = 0x20

  /// Addresses by interface, link-local ones left out. No file is no IPv6.
  static func read(_ tree: borrowing Tree, _ scratch: Scratch) throws(Errno) -> [String: [String]] {
    var result: [String: [String]] = [:]
    do {
      try tree.networkFile("if_inet6").lines(upTo: 16 << 20, scratch) { line in
        // Address, index, prefix length, scope, flags, name
        let fields = line.fields
        guard fields.count >= 6, let scope = fields[3].hexadecimal, scope != linkScope,
          let length = fields[2].hexadecimal, length <= 128, let address = address(fields[0])
        else { return true }
        let name = fields[5].text
        if isInterfaceName(name) { result[name, default: []].append("\(address)/\(length)") }
        return true
      }
    } catch {
      if error != .noSuchFileOrDirectory { throw error }
    }
    return result
  }

  private static func address(_ digits: Bytes) -> String? {
    guard digits.count == 32 else { return nil }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: 32, by: 2) {
      guard let byte = Bytes(rebasing: digits[start..<start + 2]).hexadecimal else { return nil }
      bytes.append(UInt8(byte))
    }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
