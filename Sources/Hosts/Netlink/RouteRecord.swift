import Files
import Glibc
import HostModel
import SystemPackage

/// A routing table entry and the interfaces that it uses (Linux, net/ipv4/fib_semantics.c and
/// net/ipv6/route.c).
struct RouteRecord: Equatable {
  var destination: Destination
  var table: UInt32
  /// `rtm_protocol` and `rtm_type`, such as RTPROT_KERNEL and RTN_UNICAST.
  var (origin, type): (UInt8, UInt8)
  /// The indices of the interfaces of its next hops.
  var interfaces: [Int] = []
  /// The id of its nexthop object. With net.ipv4.nexthop_compat_mode = 0 the kernel reports the id
  /// without an interface.
  var nextHop: UInt32?

  /// The destination prefix of a route.
  struct Destination: Hashable {
    /// AF_INET or AF_INET6.
    var family: UInt8
    /// Nil for an address of zeros: the default route has no RTA_DST.
    var address: IPAddress?
    var length: Int
  }

  private enum RouteAttribute {
    static let (destination, interface, multipath, table, nextHop): (UInt16, UInt16, UInt16, UInt16, UInt16) =
      (1, 4, 9, 15, 30)
  }

  /// Nil if the message is not RTM_NEWROUTE.
  ///
  /// - Throws: `.malformed` if it cannot be decoded.
  init?(_ message: NetlinkMessage) throws(Netlink.Failure) {
    guard message.kind == RTNetlink.newRoute else { return nil }
    let content = message.content
    guard content.count >= RTNetlink.routeHeader else { throw .malformed }
    destination = Destination(family: content[0], length: Int(content[1]))
    (table, origin, type) = (UInt32(content[4]), content[5], content[7])
    var isWhole = true
    let hasAttributes = NetlinkMessage.attributes(of: content, from: RTNetlink.routeHeader) { kind, value in
      switch kind {
      case RouteAttribute.destination: destination.address = IPAddress(value)
      case RouteAttribute.table: table = value.number(at: 0) ?? table
      case RouteAttribute.nextHop: nextHop = value.number(at: 0)
      case RouteAttribute.interface:
        if let number: UInt32 = value.number(at: 0) { interfaces.append(Int(number)) }
      case RouteAttribute.multipath: isWhole = addHops(of: value) && isWhole
      default: break
      }
    }
    guard hasAttributes, isWhole else { throw .malformed }
  }

  /// Adds the interfaces of RTA_MULTIPATH. Returns false if a length is invalid.
  private mutating func addHops(of content: Bytes) -> Bool {
    // The size of rtnexthop in bytes.
    let header = 8
    var rest = content
    while !rest.isEmpty {
      guard let length: UInt16 = rest.number(at: 0), length >= header, length <= rest.count,
        let number: UInt32 = rest.number(at: 4)
      else { return false }
      if !interfaces.contains(Int(number)) { interfaces.append(Int(number)) }
      rest = rest.dropping(NetlinkMessage.padded(Int(length)))
    }
    return true
  }
}

/// A nexthop object, or a group of nexthop objects (ip-nexthop(8)).
struct NextHopRecord: Equatable {
  var number: UInt32
  var interface: Int?
  /// The ids of the members of a group.
  var members: [UInt32] = []

  /// NHA_ID, NHA_GROUP and NHA_OIF.
  private static let (id, group, interface): (UInt16, UInt16, UInt16) = (1, 2, 5)

  /// Nil if the message is not RTM_NEWNEXTHOP.
  ///
  /// - Throws: `.malformed` if it cannot be decoded.
  init?(_ message: NetlinkMessage) throws(Netlink.Failure) {
    guard message.kind == RTNetlink.newNextHop else { return nil }
    var (number, found): (UInt32?, UInt32?)
    var group: [UInt32] = []
    let isWhole = NetlinkMessage.attributes(of: message.content, from: RTNetlink.nextHopHeader) {
      kind, value in
      switch kind {
      case Self.id: number = value.number(at: 0)
      case Self.interface: found = value.number(at: 0)
      case Self.group:
        // Each entry is a nexthop_grp of 8 bytes, which begins with the id.
        group = stride(from: 0, to: value.count, by: 8).compactMap { value.number(at: $0) }
      default: break
      }
    }
    guard isWhole, let number else { throw .malformed }
    (self.number, members) = (number, group)
    interface = found.map { Int($0) }
  }
}

extension Netlink {
  /// RTA_OIF.
  private static let byInterface: UInt16 = 4

  /// Folds the routes over these interfaces, of all tables. A host may have a million routes, so
  /// the routes of each interface are requested separately. Kernels before 4.20 cannot filter, so
  /// all routes are requested once.
  func routes<Result>(
    by interfaces: Set<Int>, into initial: Result, _ add: (inout Result, RouteRecord) -> Void
  ) throws(Failure) -> Result {
    guard !interfaces.isEmpty else { return initial }
    let nextHops = try self.nextHops()
    // A kernel without IPv6 answers a request for AF_INET6 with the IPv4 routes.
    let hasIPv6 = access("/proc/self/net/ipv6_route", F_OK) == 0
    var result = initial
    for family in [UInt8(AF_INET)] + (hasIPv6 ? [UInt8(AF_INET6)] : []) {
      do throws(Failure) {
        var chosen = result
        for index in interfaces.sorted() {
          let filter = NetlinkMessage.attribute(Self.byInterface, NetlinkMessage.bytes(UInt32(index)))
          chosen = try routes(family, filter, isStrict: true, by: [index], nextHops, into: chosen, add)
        }
        result = chosen
      } catch {
        guard case .helperFailed(.failed(.protocolNotAvailable)) = error else { throw error }
        result = try routes(family, [], isStrict: false, by: interfaces, nextHops, into: result, add)
      }
    }
    return result
  }

  private func routes<Result>(
    _ family: UInt8, _ filter: [UInt8], isStrict: Bool, by interfaces: Set<Int>, _ nextHops: [UInt32: [Int]],
    into initial: Result, _ add: (inout Result, RouteRecord) -> Void
  ) throws(Failure) -> Result {
    let header = [family] + [UInt8](repeating: 0, count: RTNetlink.routeHeader - 1)
    do throws(Failure) {
      return try fold(RTNetlink.getRoute, header + filter, isStrict: isStrict, into: initial) {
        result, message throws(Failure) in
        guard var route = try RouteRecord(message) else { return }
        if route.interfaces.isEmpty, let nextHop = route.nextHop {
          route.interfaces = nextHops[nextHop] ?? []
        }
        route.interfaces.removeAll { !interfaces.contains($0) }
        if !route.interfaces.isEmpty { add(&result, route) }
      }
    } catch {
      // The interface was deleted in the meantime, and its routes with it.
      if isStrict, case .refused(let error) = error, error.errno == .operationNotSupportedByDevice {
        return initial
      }
      throw error
    }
  }

  /// The interfaces of each nexthop object, by its id.
  private func nextHops() throws(Failure) -> [UInt32: [Int]] {
    let header = [UInt8](repeating: 0, count: RTNetlink.nextHopHeader)
    let records: [NextHopRecord]
    do throws(Failure) {
      records = try dump(RTNetlink.getNextHop, header) { message throws(Failure) in
        try NextHopRecord(message)
      }
    } catch {
      // Kernels before 5.3 have no nexthop objects.
      if case .refused(let error) = error, error.errno == .notSupported { return [:] }
      throw error
    }
    let own = Dictionary(records.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
    return own.mapValues { record in
      ([record] + record.members.compactMap { own[$0] }).compactMap(\.interface)
    }
  }
}
