import Files
import Glibc
import HostModel
import SystemPackage

/// The routes over each interface in a captured tree, from `/proc/net/route` and `ipv6_route` (Linux,
/// net/ipv4/fib_trie.c and net/ipv6/route.c). For IPv4 that is only the main table, and only the first of
/// several next hops.
struct CapturedRoutes {
  private(set) var byInterface: [String: [RouteUses.Route]] = [:]
  /// Why routes may be missing; nil if none can be.
  private(set) var problem: String?

  private static let up: UInt32 = 0x1
  private static let reject: UInt32 = 0x200
  /// RTF_LOCAL and RTF_ANYCAST (`linux/ipv6_route.h`).
  private static let localOrBroadcast: UInt32 = 0x8010_0000

  init(_ tree: borrowing Tree, _ scratch: Scratch) {
    read("route", tree, scratch) { line, routes in
      // The fields are Iface, Destination, Gateway, OpenFlags, RefCnt, Use, Metric and Mask.
      let fields = line.fields
      guard fields.count >= 8, let mask = fields[7].hexadecimal,
        let destination = IPAddress(words: fields[1])
      else { return }
      routes.add(
        fields[0], flags: fields[3], version: 4, destination, mask.nonzeroBitCount,
        hasGateway: fields[2].hexadecimal != 0)
    }
    guard problem == nil else { return }
    read("ipv6_route", tree, scratch, isOptional: true) { line, routes in
      // The fields are destination, length, source, length, next hop, metric, reference count, use count,
      // flags and interface.
      let fields = line.fields
      guard fields.count >= 10, let length = fields[1].hexadecimal, length <= 128,
        let destination = IPAddress(digits: fields[0])
      else { return }
      routes.add(
        fields[9], flags: fields[8], version: 6, destination, Int(length),
        hasGateway: fields[4].contains { $0 != UInt8(ascii: "0") })
    }
  }

  private mutating func read(
    _ name: String, _ tree: borrowing Tree, _ scratch: Scratch, isOptional: Bool = false,
    _ visit: (Bytes, inout CapturedRoutes) -> Void
  ) {
    do {
      try tree.networkFile(name).lines(upTo: 64 << 20, scratch) {
        visit($0, &self)
        return true
      }
    } catch {
      // A kernel without IPv6 does not have this file.
      if isOptional, error == .noSuchFileOrDirectory { return }
      problem = tree.name(of: "proc/net/" + name) + ": " + error.description
    }
  }

  /// Adds a route. The tables do not show the origin of a route, so a route without a gateway
  /// counts as added by the kernel.
  private mutating func add(
    _ interface: Bytes, flags: Bytes, version: Int, _ destination: IPAddress, _ length: Int, hasGateway: Bool
  ) {
    guard let flags = flags.hexadecimal, flags & Self.up != 0, flags & Self.reject == 0 else { return }
    let name = interface.text
    guard isInterfaceName(name), name != "lo" else { return }
    byInterface[name, default: []].append(
      RouteUses.Route(
        version: version, destination: destination, length: length, isKernelRoute: !hasGateway,
        isLocalOrBroadcast: version == 6 && flags & Self.localOrBroadcast != 0))
  }
}

extension Tree {
  /// A file of `/proc/net`. That is a link to `self/net`, which a captured tree may contain instead.
  borrowing func networkFile(_ name: String) throws(Errno) -> OpenFile {
    do { return try file("proc/net/" + name) } catch {
      guard !isLive else { throw error }
      do { return try file("proc/self/net/" + name) } catch { throw .noSuchFileOrDirectory }
    }
  }
}
