import Files
import HostModel
import TestSupport
import Testing

@testable import Hosts

/// A tree in which pcipass runs below an SSH daemon.
private struct SessionTree {
  static let first = "192.0.2.9 port 51000 to 192.0.2.10 port 22"
  let files: SysfsTree

  init() throws {
    files = try SysfsTree()
    try process(812, "pcipass", parent: 811, at: "self")
    try process(1, "systemd", parent: 0)
    try files.write("proc/net/tcp", TCPText.header + TCPText.listening + TCPText.session + TCPText.ended)
    try files.write("proc/net/tcp6", TCPText.header6 + TCPText.linkLocal + TCPText.mapped)
  }

  func process(
    _ number: Int, _ command: String, parent: Int, sockets: [Int] = [], namespace: String = "net:[1]",
    at place: String? = nil
  ) throws {
    let path = "proc/\(place ?? String(number))"
    try files.write(path + "/stat", "\(number) (\(command)) S \(parent) 186 187 0 -1\n")
    try files.link(path + "/ns/net", to: namespace)
    files.remove(path + "/fd")
    try files.folder(path + "/fd")
    try files.link(path + "/fd/0", to: "/dev/null")
    for (index, socket) in sockets.enumerated() {
      try files.link(path + "/fd/\(index + 1)", to: "socket:[\(socket)]")
    }
  }

  /// Adds the processes of OpenSSH 9.8 and later: the listener, the monitor of a session, and the
  /// session.
  func openSSH(_ session: [Int] = [690, 711], monitor: [Int] = [711, 735]) throws {
    try process(811, "bash", parent: 790)
    try process(790, "sshd-session", parent: 788, sockets: session)
    try process(788, "sshd-session", parent: 181, sockets: monitor)
    try process(181, "sshd", parent: 1, sockets: [701, 704])
  }

  func sessions(_ variable: String? = nil, route: ((SSHSession) -> PeerRoute)? = nil) throws -> SSHSessions {
    SSHSessions(try Tree(files.root), variable: variable, route: route, Scratch(capacity: 64 << 10))
  }
}

@Suite("The SSH sessions that pcipass was started through")
struct SSHSessionsTests {
  private let tree: SessionTree

  init() throws { tree = try SessionTree() }

  private func check(
    _ variable: String, _ connections: [String], _ place: Testing.SourceLocation = #_sourceLocation
  ) throws {
    try check(connections, variable: variable, place)
  }

  private func check(
    _ connections: [String], variable: String? = nil, problem: String? = nil,
    _ place: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let sessions = try tree.sessions(variable)
    #expect(sessions.all.map(\.connection.description) == connections, sourceLocation: place)
    #expect(sessions.problem == problem, sourceLocation: place)
  }

  @Test("The daemon's socket identifies the session, whatever the environment has")
  func daemon() throws {
    try tree.openSSH()
    try check([SessionTree.first])
    // The variable is that of another session.
    try check(
      "192.0.2.9 51002 192.0.2.10 22",
      [
        "192.0.2.9 port 51002 to 192.0.2.10 port 22", SessionTree.first,
      ])
    try check("192.0.2.9 51000 192.0.2.10 22", [SessionTree.first])
  }

  @Test("The socket of dropbear, or of an sshd of one process, identifies the session")
  func oneProcess() throws {
    for name in ["dropbear", "sshd"] {
      try tree.process(811, "sh", parent: 790)
      try tree.process(790, name, parent: 1, sockets: [711])
      try check([SessionTree.first])
    }
  }

  @Test("IPv4 on an IPv6 socket and link-local addresses are supported")
  func families() throws {
    try tree.openSSH([912], monitor: [912])
    try check(["192.0.2.9 port 51002 to 192.0.2.10 port 22"])
    try tree.openSSH([867], monitor: [867])
    try check(["fe80::92e2:baff:fe00:cdee port 58912 to fe80::92e2:baff:fe00:cdee port 22"])
  }

  @Test("A connection that sshd forwards is not a session")
  func forwarded() throws {
    try tree.openSSH([711, 912], monitor: [711])
    try check([SessionTree.first])
    // Where one process has both connections, the variable decides; without it both count.
    try tree.openSSH([711, 912], monitor: [])
    try check("192.0.2.9 51000 192.0.2.10 22", [SessionTree.first])
    try check([SessionTree.first, "192.0.2.9 port 51002 to 192.0.2.10 port 22"])
  }

  @Test("Without a daemon above, as in tmux, the variable counts if its connection exists")
  func variable() throws {
    try tree.process(811, "tmux: server", parent: 1, sockets: [711])
    try check([])
    try check("192.0.2.9 51000 192.0.2.10 22", [SessionTree.first])
    try check("::ffff:192.0.2.9 51002 ::ffff:192.0.2.10 22", ["192.0.2.9 port 51002 to 192.0.2.10 port 22"])
    // The connection has ended; it never existed; its two ends are swapped.
    try check("192.0.2.9 51001 192.0.2.10 22", [])
    try check("192.0.2.9 51003 192.0.2.10 22", [])
    try check("192.0.2.10 22 192.0.2.9 51000", [])
  }

  @Test("With ssh into the same host, the session that this ssh runs in counts as well")
  func nested() throws {
    try tree.files.write(
      "proc/net/tcp",
      TCPText.header + TCPText.session
        + "   5: 0100007F:0016 0100007F:8A18 01 0:0 0:0 0  0  0 750 1\n"
        + "   6: 0100007F:8A18 0100007F:0016 01 0:0 0:0 0  0  0 751 1\n")
    try tree.openSSH([750], monitor: [750])
    let inner = "127.0.0.1 port 35352 to 127.0.0.1 port 22"
    try check([inner], problem: "the process at the other end of \(inner) was not found")
    try tree.process(700, "ssh", parent: 699, sockets: [751])
    try tree.process(699, "bash", parent: 698)
    try tree.process(698, "sshd", parent: 181, sockets: [711])
    try check([inner, SessionTree.first])
  }

  @Test("Connections of other processes do not count")
  func others() throws {
    try tree.process(811, "nginx", parent: 790, sockets: [711])
    try tree.process(790, "ssh-agent", parent: 1, sockets: [711])
    try check([])
  }

  @Test(
    "A malformed link to a socket is ignored",
    arguments: ["socket:[711", "socket:711]", "xsocket:[711]"])
  func links(_ link: String) throws {
    try tree.openSSH([], monitor: [])
    try tree.files.link("proc/790/fd/1", to: link)
    try check([])
  }

  @Test(
    "A malformed SSH_CONNECTION is not a session",
    arguments: [
      "", " ", "192.0.2.9 51000 192.0.2.10", "192.0.2.9 51000 192.0.2.10 22 ",
      "192.0.2.9  51000 192.0.2.10 22",
      "192.0.2.9 51000 192.0.2.10 22 1", "192.0.2.9 +51000 192.0.2.10 22", "192.0.2.9 0 192.0.2.10 22",
      "192.0.2.9 65536 192.0.2.10 22", "192.0.2.9 000051000 192.0.2.10 22",
      "192.0.2.9%eth0 51000 192.0.2.10 22",
      "UNKNOWN 65535 UNKNOWN 65535", "fe80::1% 1 fe80::2%eth0 22", "fe80::1%a/b 1 fe80::2 22",
      "localhost 1 ::1 22",
      String(repeating: "1", count: 300), "192.0.2.9\n51000\n192.0.2.10\n22",
    ])
  func noVariable(_ text: String) { #expect(SSHSession(variable: text) == nil) }

  @Test("A link-local address is read with its interface")
  func scope() throws {
    let session = try #require(SSHSession(variable: "fe80::1%br0 58912 fe80::2%br0 22"))
    #expect(session.link == "br0" && session.peerLink == "br0")
    #expect(session.connection.description == "fe80::1 port 58912 to fe80::2 port 22")
  }
}

@Suite("SSH sessions that are unknown")
struct UnknownSessionTests {
  private let tree: SessionTree

  init() throws { tree = try SessionTree() }

  @Test("Without a sign of a session, missing files are not a problem")
  func none() throws {
    try tree.process(811, "bash", parent: 1)
    tree.files.remove("proc/net")
    #expect(try tree.sessions().problem == nil)
    tree.files.remove("proc/811")
    #expect(try tree.sessions().problem == nil)
  }

  @Test("Without the TCP tables the connection is unknown")
  func tables() throws {
    tree.files.remove("proc/net/tcp")
    let reason = tree.files.root + "/proc/net/tcp: No such file or directory"
    try tree.process(811, "bash", parent: 1)
    #expect(try tree.sessions("192.0.2.9 51000 192.0.2.10 22").problem == reason)
    try tree.openSSH()
    #expect(try tree.sessions().problem == reason)
    // A connection that the other table has is still proved.
    #expect(try tree.sessions("192.0.2.9 51002 192.0.2.10 22").problem == nil)
  }

  @Test("An unreadable daemon makes the session unknown, unless the variable proves it")
  func descriptors() throws {
    try tree.openSSH([], monitor: [])
    tree.files.remove("proc/790/fd")
    let reason = tree.files.root + "/proc/790/fd: No such file or directory"
    #expect(try tree.sessions().problem == reason)
    #expect(try tree.sessions("192.0.2.9 51003 192.0.2.10 22").problem == reason)
    #expect(try tree.sessions("192.0.2.9 51000 192.0.2.10 22").problem == nil)
  }

  @Test("A stale variable is ignored, unless an ancestor cannot be read")
  func ancestors() throws {
    try tree.process(811, "bash", parent: 790)
    let reason = tree.files.root + "/proc/790/stat: No such file or directory"
    #expect(try tree.sessions("192.0.2.9 51003 192.0.2.10 22").problem == reason)
    #expect(try tree.sessions("192.0.2.9 51000 192.0.2.10 22").problem == nil)
    try tree.process(790, "sshd", parent: 7, sockets: [711])
    #expect(try tree.sessions("192.0.2.9 51003 192.0.2.10 22").problem == nil)
    try tree.process(790, "tmux: server", parent: 1)
    #expect(try tree.sessions("192.0.2.9 51003 192.0.2.10 22").problem == nil)
  }

  @Test("A session without TCP has no NIC; one in another network namespace is unknown")
  func otherSockets() throws {
    try tree.process(811, "bash", parent: 790)
    try tree.process(790, "sshd-session", parent: 1, sockets: [5, 6])
    var sessions = try tree.sessions()
    #expect(sessions.all == [] && sessions.problem == nil)
    try tree.process(790, "sshd-session", parent: 1, sockets: [5, 6], namespace: "net:[2]")
    sessions = try tree.sessions()
    #expect(sessions.all == [])
    #expect(sessions.problem.names("sshd-session", "790"))
  }
}

@Suite("The NIC that an SSH session uses")
struct SessionInterfaceTests {
  private let tree: SessionTree
  private let device: String

  init() throws {
    tree = try SessionTree()
    try tree.openSSH()
    device = try tree.files.function("0000:03:00.0", driver: "igb") + "/net/eth0"
    try tree.files.interface("eth0", of: "sys/devices/\(SysfsTree.bus)/0000:03:00.0")
  }

  private func uses(
    _ variable: String? = nil, uppers: [String] = [], route: PeerRoute? = nil
  ) throws -> Observed<[HostUse]> {
    let root = try Tree(tree.files.root)
    let scratch = Scratch(capacity: 64 << 10)
    let read = InterfaceRecord(name: "eth0", uppers: uppers)
    let graph = NetworkGraph(captured: root, roots: [read], InterfaceClass(root, scratch), scratch)
    let sessions = try tree.sessions(variable, route: route.map { route in { _ in route } })
    let network = InterfaceUsage(graph, sessions, .captured("6.12.0"))
    return try #require(network.interfaces([read], of: pci("0000:03:00.0")).first).uses
  }

  private func addresses(_ links: (name: String, address: String)...) throws {
    let list = links.map { name, address in
      """
      {"ifname": "\(name)", "addr_info": [{"family": "\(address.contains(":") ? "inet6" : "inet")",
        "local": "\(address)", "prefixlen": 24, "scope": "\(address.hasPrefix("fe80") ? "link" : "global")"}]}
      """
    }
    try tree.files.write("ip-address.json", "[\(list.joined(separator: ","))]")
  }

  private func session(_ place: String = "") -> HostUse { HostUse(.sshSession, SessionTree.first + place) }

  @Test("is the one with its address, and lists the session first")
  func own() throws {
    try addresses(("eth0", "192.0.2.10"))
    #expect(try uses() == .known([session(), HostUse(.address, "192.0.2.10/24")]))
  }

  @Test("is below the bridge and the VLAN that have its address")
  func stacked() throws {
    try tree.files.virtual("eth0.120", type: "vlan", above: device)
    try tree.files.virtual("br0", folder: "bridge", above: "sys/devices/virtual/net/eth0.120")
    try addresses(("br0", "192.0.2.10"))
    #expect(
      try uses(uppers: ["eth0.120"])
        == .known([
          session(" on br0"), HostUse(.address, "192.0.2.10/24 on br0"), HostUse(.vlan, "eth0.120"),
          HostUse(.bridge, "br0"),
        ]))
  }

  @Test("is not a NIC without its address")
  func others() throws {
    try addresses(("eth0", "192.0.2.11"), ("br9", "192.0.2.10"))
    #expect(try uses() == .known([HostUse(.address, "192.0.2.11/24")]))
    try addresses(("lo", "192.0.2.10"))
    #expect(try uses() == .known([]))
  }

  @Test("is the one with the route to its peer, wherever the address is")
  func routed() throws {
    let byRoute = ", by the route to its peer"
    try addresses(("lo", "192.0.2.10"))
    #expect(try uses(route: PeerRoute(interfaces: ["eth0"])) == .known([session(byRoute)]))
    #expect(try uses(route: PeerRoute(interfaces: ["eth1", "eth0"])) == .known([session(byRoute)]))
    #expect(try uses(route: PeerRoute(interfaces: ["eth1"])) == .known([]))
    #expect(try uses(route: PeerRoute()) == .known([]))
    // A captured tree has no routes to peers.
    #expect(try uses() == .known([]))
    try tree.files.virtual("br0", folder: "bridge", above: device)
    #expect(
      try uses(uppers: ["br0"], route: PeerRoute(interfaces: ["br0"]))
        == .known([session(byRoute + " on br0"), HostUse(.bridge, "br0")]))
    try addresses(("eth1", "192.0.2.10"))
    #expect(try uses(route: PeerRoute(interfaces: ["eth0"])) == .known([session(byRoute)]))
  }

  @Test("lists the session once if its address and the route to its peer both lead to it")
  func once() throws {
    try addresses(("eth0", "192.0.2.10"))
    #expect(
      try uses(route: PeerRoute(interfaces: ["eth0"]))
        == .known([session(), HostUse(.address, "192.0.2.10/24")]))
    try tree.files.virtual("br0", folder: "bridge", above: device)
    try addresses(("br0", "192.0.2.10"))
    #expect(
      try uses(uppers: ["br0"], route: PeerRoute(interfaces: ["eth0", "br0"]))
        == .known([session(" on br0"), HostUse(.address, "192.0.2.10/24 on br0"), HostUse(.bridge, "br0")]))
  }

  @Test("is unknown if the route cannot be read, unless a known route leads to it")
  func unknownRoute() throws {
    try addresses(("lo", "192.0.2.10"))
    let route = PeerRoute(problem: "cannot read the route from 192.0.2.10 to 192.0.2.9: Permission denied")
    #expect(try uses(route: route).reason.names("192.0.2.9", "192.0.2.10"))
    #expect(
      try uses(route: PeerRoute(interfaces: ["eth0"], problem: "it is cut")).value?.map(\.kind)
        == [.sshSession])
    #expect(try uses(route: PeerRoute(interfaces: ["eth1"], problem: "it is cut")).reason.names("it is cut"))
  }

  @Test("is the one named with a link-local address, or else each one with that address")
  func linkLocal() throws {
    try tree.openSSH([867], monitor: [867])
    let local = "fe80::92e2:baff:fe00:cdee"
    let use = HostUse(.sshSession, "\(local) port 58912 to \(local) port 22")
    try addresses(("eth0", local), ("eth1", local))
    #expect(try uses() == .known([use]))
    #expect(try uses("\(local)%eth0 58912 \(local)%eth0 22") == .known([use]))
    #expect(try uses("\(local)%eth1 58912 \(local)%eth1 22") == .known([]))
    // The interface was renamed since.
    #expect(try uses("\(local)%eth7 58912 \(local)%eth7 22") == .known([use]))
  }

  @Test("is unknown if no interface has its address and no other use is found")
  func unknownAddress() throws {
    #expect(try uses().reason.names("192.0.2.10"))
    #expect(try uses(uppers: ["br0"]) == .known([HostUse(.upper, "br0")]))
  }

  @Test("does not exist for a session from the host to itself")
  func loopback() throws {
    try tree.files.write(
      "proc/net/tcp", "   5: 0200007F:0016 0100007F:8A18 01 0:0 0:0 0  0  0 711 1\n")
    #expect(try uses() == .known([]))
  }

  @Test("is not determined for a captured file tree")
  func captured() throws {
    try addresses(("eth0", "192.0.2.10"))
    let function = try tree.files.readFunction("0000:03:00.0")
    #expect(function.interfaces.first?.uses == .known([HostUse(.address, "192.0.2.10/24")]))
  }
}
