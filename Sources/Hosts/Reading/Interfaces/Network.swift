import Documents
import HostModel
import SystemPackage

/// What the host does with its interfaces, read once and only where some function has one.
struct Network: ~Copyable {
  private let interfaces: InterfaceClass
  private var devices: DeviceFolders
  private let scratch: Scratch
  private let routes: Routes
  private let links: [String: InterfaceAddresses.Link]?
  private var addresses: [String: [String]] = [:]
  private let sessions: [String: [SSHSessions.Carried]]
  /// Why what was found may not be all.
  private var problem: String?
  private var visited: [String: (kind: HostUse.Kind?, uppers: [String])] = [:]
  private let tellsPermanent: Bool
  private let isLive: Bool

  init(
    _ tree: borrowing Tree, _ interfaces: consuming InterfaceClass, _ sessions: SSHSessions,
    _ scratch: Scratch,
    release: String?
  ) {
    self.interfaces = interfaces
    self.scratch = scratch
    devices = DeviceFolders(try? SharedFolder(tree.folder("sys/devices")))
    routes = Routes(tree, scratch)
    problem = routes.problem
    tellsPermanent = release.map(Self.tellsPermanent) ?? false
    isLive = tree.isLive
    do {
      let links = try isLive ? LiveAddresses.read() : CapturedAddresses.read(tree, scratch)
      self.links = links
      addresses = links.mapValues(\.addresses)
    } catch {
      links = nil
      problem = problem ?? error.reason
      do { addresses = try IPv6Addresses.read(tree, scratch) } catch {
        problem = problem ?? tree.name(of: "proc/net/if_inet6") + ": " + error.description
      }
    }
    let carried = sessions.carried(by: links ?? [:])
    self.sessions = carried.sessions
    problem = problem ?? carried.problem.map { "this SSH session may come by it: \($0)" }
  }

  /// Linux 5.6 was the first to tell of permanent addresses over netlink.
  private static func tellsPermanent(_ release: String) -> Bool {
    let numbers = release.split(separator: ".", maxSplits: 2)
      .map { Int($0.prefix { $0.isASCII && $0.isNumber }) ?? 0 }
    return numbers.count >= 2 && (numbers[0], numbers[1]) >= (5, 6)
  }

  mutating func interface(_ read: ReadInterface) -> NetworkInterface {
    NetworkInterface(
      name: read.name, mac: read.mac, permanentMAC: permanentMAC(read), isUp: read.isUp,
      hasCarrier: read.hasCarrier, speed: read.speed, uses: uses(read))
  }

  private func permanentMAC(_ read: ReadInterface) -> MACAddress? {
    if read.addressType == .permanent { return read.mac }
    if isLive { return LiveAddresses.permanentMAC(of: read.name) }
    guard let link = links?[read.name] else { return nil }
    if let mac = link.permanentMAC { return mac }
    // Set by somebody and not shown as different: set to what it is, as a bond does with its first member.
    return read.addressType == .set && tellsPermanent ? read.mac : nil
  }

  private mutating func uses(_ read: ReadInterface) -> Observed<[HostUse]> {
    var (routes, addresses): ([HostUse], [HostUse]) = ([], [])
    var carried: [(carried: SSHSessions.Carried, place: String)] = []
    var stacked: [HostUse] = []
    var problem = problem
    var (queue, seen) = ([read.name], Set([read.name]))
    var next = 0
    while next < queue.count {
      let name = queue[next]
      next += 1
      routes += (self.routes.defaults[name] ?? []).map { HostUse(.defaultRoute, "\($0.rawValue) by \(name)") }
      let place = name == read.name ? "" : " on \(name)"
      carried += (sessions[name] ?? []).map { ($0, place) }
      addresses += (self.addresses[name] ?? []).map { HostUse(.address, $0 + place) }
      let uppers: [String]
      if name == read.name {
        uppers = read.uppers ?? []
        if read.uppers == nil { problem = problem ?? "\(name): what is above it could not be read" }
      } else {
        let above = upper(name)
        stacked.append(HostUse(above?.kind ?? links?[name]?.kind ?? .upper, name))
        uppers = above?.uppers ?? []
      }
      for upper in uppers where seen.insert(upper).inserted { queue.append(upper) }
    }
    let uses = Self.sessionUses(carried) + routes + addresses + stacked
    // A use that is proved stands, whatever else could not be read; nothing found proves nothing.
    if let problem, uses.isEmpty { return .unavailable(problem) }
    return .known(uses)
  }

  /// A session whose address is here, or above, is not named again for the route to its peer.
  private static func sessionUses(_ found: [(carried: SSHSessions.Carried, place: String)]) -> [HostUse] {
    var uses: [HostUse] = []
    var named: Set<TCPConnection> = []
    for (carried, place) in found where !carried.isByRoute {
      let connection = carried.session.connection
      named.insert(connection)
      uses.append(HostUse(.sshSession, "\(connection)" + place))
    }
    for (carried, place) in found where carried.isByRoute {
      let connection = carried.session.connection
      guard named.insert(connection).inserted else { continue }
      uses.append(HostUse(.sshSession, "\(connection), by the route to its peer" + place))
    }
    return uses
  }

  private mutating func upper(_ name: String) -> (kind: HostUse.Kind?, uppers: [String])? {
    if let known = visited[name] { return known }
    let found = interfaces.upper(name, &devices, scratch)
    if let found { visited[name] = found }
    return found
  }
}
