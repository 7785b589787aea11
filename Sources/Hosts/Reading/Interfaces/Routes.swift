import Glibc
import HostModel
import SystemPackage

/// Which interfaces carry a default route, by the kernel's own tables (Linux, net/ipv4/fib_trie.c and
/// net/ipv6/route.c write them).
struct Routes {
  enum Family: String { case v4 = "IPv4", v6 = "IPv6" }

  private(set) var defaults: [String: [Family]] = [:]
  private(set) var problem: String?

  private static let up: UInt32 = 0x1
  private static let reject: UInt32 = 0x200
  private static let zeros: StaticString = "00000000000000000000000000000000"

  init(_ tree: borrowing Tree, _ scratch: Scratch) {
    read("route", tree, scratch) { line, routes in
      // Iface Destination Gateway Flags RefCnt Use Metric Mask
      let fields = line.fields
      guard fields.count >= 8, fields[1].hexadecimal == 0, fields[7].hexadecimal == 0 else { return }
      routes.add(fields[0], flags: fields[3], .v4)
    }
    guard problem == nil else { return }
    read("ipv6_route", tree, scratch, isOptional: true) { line, routes in
      // Destination, length, source, length, next hop, metric, references, use, flags, interface
      let fields = line.fields
      guard fields.count >= 10, fields[0].isEqual(to: Self.zeros), fields[1].hexadecimal == 0 else { return }
      routes.add(fields[9], flags: fields[8], .v6)
    }
  }

  private mutating func read(
    _ name: String, _ tree: borrowing Tree, _ scratch: Scratch, isOptional: Bool = false,
    _ visit: (Bytes, inout Routes) -> Void
  ) {
    do {
      try tree.networkFile(name).lines(upTo: 64 << 20, scratch) {
        visit($0, &self)
        return true
      }
    } catch {
      // A kernel without IPv6 has no table of it.
      if isOptional, error == .noSuchFileOrDirectory { return }
      problem = tree.name(of: "proc/net/" + name) + ": " + error.description
    }
  }

  private mutating func add(_ interface: Bytes, flags: Bytes, _ family: Family) {
    guard let flags = flags.hexadecimal, flags & Self.up != 0, flags & Self.reject == 0 else { return }
    let name = interface.text
    guard isInterfaceName(name), name != "lo", defaults[name]?.contains(family) != true else { return }
    defaults[name, default: []].append(family)
  }
}

extension Tree {
  /// A file of `/proc/net`, which is a link to `self/net` where it was not captured as a folder.
  borrowing func networkFile(_ name: String) throws(Errno) -> OpenFile {
    do { return try file("proc/net/" + name) } catch {
      guard !isLive else { throw error }
      do { return try file("proc/self/net/" + name) } catch { throw .noSuchFileOrDirectory }
    }
  }
}
