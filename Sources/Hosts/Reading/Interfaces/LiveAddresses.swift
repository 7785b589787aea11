import CKernel
import Glibc
import HostModel
import SystemPackage

/// What the running kernel says of interfaces by getifaddrs(3) and ethtool's request for permanent addresses. Other
/// than `ip`, it takes no process of its own, which would be a quarter of a plan's time.
enum LiveAddresses {
  static func read() throws(NoAnswer) -> [String: InterfaceAddresses.Link] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else {
      throw NoAnswer(reason: "getifaddrs: \(Errno(rawValue: errno))")
    }
    defer { freeifaddrs(list) }
    var result: [String: InterfaceAddresses.Link] = [:]
    var next = list
    while let entry = next {
      next = entry.pointee.ifa_next
      // A label such as `eth0:1` names the interface it is of.
      let name = String(String(cString: entry.pointee.ifa_name).prefix { $0 != ":" })
      guard isInterfaceName(name) else { continue }
      var link = result[name] ?? InterfaceAddresses.Link()
      if let address = entry.pointee.ifa_addr.flatMap({ bytes(of: $0) }).flatMap({ IPAddress($0) }) {
        let length = entry.pointee.ifa_netmask.flatMap { bytes(of: $0) }
          .map { $0.reduce(0) { $0 + $1.nonzeroBitCount } }
        link.add(address, length: length)
      }
      result[name] = link
    }
    return result
  }

  /// The hardware's own address, also where another one was set; nil where the driver does not tell.
  static func permanentMAC(of name: String) -> MACAddress? {
    var bytes = [UInt8](repeating: 0, count: 6)
    guard ckernel_permanent_address(name, &bytes) == 0 else { return nil }
    let text = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    return MACAddress(text)
  }

  /// The address in network order; nil where it is none of IP's.
  private static func bytes(of address: UnsafeMutablePointer<sockaddr>) -> [UInt8]? {
    switch CInt(address.pointee.sa_family) {
    case AF_INET:
      address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
        withUnsafeBytes(of: &address.pointee.sin_addr) { [UInt8]($0) }
      }
    case AF_INET6:
      address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
        withUnsafeBytes(of: &address.pointee.sin6_addr) { [UInt8]($0) }
      }
    default: nil
    }
  }
}
