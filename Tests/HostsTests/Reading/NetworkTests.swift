import HostModel
import TestSupport
import Testing

@testable import Hosts

@Suite struct `What the host uses a NIC for` {
  static let other = "sys/devices/virtual/net/"

  func tree(addresses: String = "[]") throws -> (SysfsTree, interface: String) {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0", driver: "igb")
    try tree.interface("eth0", of: path)
    try tree.write("ip-address.json", addresses)
    return (tree, path + "/net/eth0")
  }

  func interface(_ tree: SysfsTree) throws -> NetworkInterface {
    let function = try tree.readFunction("0000:03:00.0")
    #expect(function.unreadable == [])
    return try #require(function.interfaces.first)
  }

  func route(_ tree: SysfsTree, _ lines: String...) throws {
    let header = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    try tree.write("proc/net/route", header + lines.joined(separator: "\n") + "\n")
  }

  @Test func `an idle interface is used for nothing`() throws {
    let (tree, _) = try tree()
    let interface = try interface(tree)
    let mac = MACAddress("90:e2:ba:00:d1:c2")
    #expect(
      interface
        == NetworkInterface(
          name: "eth0", mac: mac, permanentMAC: mac, isUp: true, hasCarrier: true, speed: 1000,
          uses: .known([])))
  }

  /// The kernel accepts any bytes in a name except `/`, `:` and white space.
  static let oddNames: [[UInt8]] = [
    Array("brücke".utf8), [0x62, 0xFF], [0x1B] + Array("[31m".utf8), [0x9B, 0x41], Array("\u{202E}".utf8),
  ]

  @Test(arguments: oddNames) func `an upper interface of any name is a use`(_ name: [UInt8]) throws {
    let (tree, interface) = try tree()
    try tree.folder(Self.other)
    let script = "n=$(printf '\(octal(name))'); cd '\(tree.root)' && mkdir -p \"\(Self.other)$n/bridge\" && "
    let links =
      "ln -s ../../devices/virtual/net/\"$n\" sys/class/net/ && ln -s ../\"$n\" \"\(interface)/upper_$n\""
    #expect(tree.run("/bin/sh", ["-c", script + links]) == 0)
    let uses = try #require(try self.interface(tree).uses.value)
    #expect(uses.map(\.detail) == [String(decoding: name, as: UTF8.self)])
  }

  @Test(arguments: oddNames) func `an interface with such a name is reported as unreadable`(_ name: [UInt8])
    throws
  {
    for place in ["net", "virtio2/net"] {
      let tree = try SysfsTree()
      let path = try tree.function("0000:03:00.0", driver: "igb")
      try tree.interface("eth0", of: path, place: place)
      let folder = "\(path)/\(place)"
      let script =
        "n=$(printf '\(octal(name))'); cd '\(tree.root)' && mv '\(folder)/eth0' \"\(folder)/$n\" && "
        + "rm sys/class/net/eth0 && ln -s ../../\(folder.dropFirst(4))/\"$n\" sys/class/net/"
      #expect(tree.run("/bin/sh", ["-c", script]) == 0)
      let function = try tree.readFunction("0000:03:00.0")
      #expect(function.interfaces == [])
      #expect(function.unreadable.names(["net"]))
    }
  }

  private func octal(_ bytes: [UInt8]) -> String {
    bytes.map { "\\" + String(repeating: "0", count: 3 - String($0, radix: 8).count) + String($0, radix: 8) }
      .joined()
  }

  @Test func `an interface behind another bus is found where bonds are, too`() throws {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0", driver: "virtio-pci")
    try tree.interface("eth0", of: path, place: "virtio2/net")
    try tree.write("sys/class/net/bonding_masters", "bond0\n")
    #expect(try interface(tree).name == "eth0")
  }

  @Test func `addresses and default routes are uses, but not link-local IPv6 addresses`() throws {
    let (tree, _) = try tree(
      addresses: """
        [{}, {"ifname": "eth0", "addr_info": [
          {"family": "inet", "local": "192.0.2.10", "prefixlen": 24, "scope": "global"},
          {"family": "inet6", "local": "fe80::1", "prefixlen": 64, "scope": "link"},
          {"family": "inet6", "local": "2001:db8::1", "prefixlen": 64, "scope": "global"}]}]
        """)
    try route(
      tree, "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000",
      "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF")
    let zeros = String(repeating: "0", count: 32)
    try tree.write(
      "proc/net/ipv6_route",
      "\(zeros) 00 \(zeros) 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003 eth0\n"
        + "\(zeros) 00 \(zeros) 00 \(zeros) ffffffff 00000001 00000000 00200200 lo\n")
    #expect(
      try interface(tree).uses
        == .known([
          HostUse(.defaultRoute, "IPv4 by eth0"), HostUse(.defaultRoute, "IPv6 by eth0"),
          HostUse(.address, "192.0.2.10/24"), HostUse(.address, "2001:db8::1/64"),
        ]))
  }

  @Test(arguments: [
    "eth0\t00000000\t00000000\t0200\t0\t0\t0\t00000000",
    "*\t00000000\t00000000\t0201\t0\t0\t0\t00000000", "eth0", "", "eth0\tx\tx\tx\tx\tx\tx\tx",
  ])
  func `other lines are not default routes`(_ line: String) throws {
    let (tree, _) = try tree()
    try route(tree, line)
    #expect(try interface(tree).uses == .known([]))
  }

  @Test func `other routes are uses, except those of an address or of the link`() throws {
    let (tree, _) = try tree(
      addresses: """
        [{"ifname": "eth0", "addr_info": [{"family": "inet", "local": "192.0.2.10", "prefixlen": 24}]}]
        """)
    try route(
      tree, "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF",
      "eth0\t006433C6\t010200C0\t0003\t0\t0\t0\t00FFFFFF",
      "eth0\t097100CB\t00000000\t0005\t0\t0\t0\tFFFFFFFF")
    let zeros = String(repeating: "0", count: 32)
    func line(_ destination: String, _ length: String, flags: String) -> String {
      "\(destination) \(length) \(zeros) 00 \(zeros) 00000100 00000001 00000000 \(flags) eth0\n"
    }
    let linkLocal = "fe80" + String(repeating: "0", count: 28)
    try tree.write(
      "proc/net/ipv6_route",
      line(linkLocal, "40", flags: "00000001") + line("ff" + zeros.dropFirst(2), "08", flags: "00000001")
        + line(linkLocal.dropLast() + "1", "80", flags: "80200001")
        + line("20010db8000500000000000000000000", "30", flags: "00000001"))
    #expect(
      try interface(tree).uses
        == .known([
          HostUse(.address, "192.0.2.10/24"),
          HostUse(.route, "198.51.100.0/24 and 203.0.113.9/32 and 2001:db8:5::/48 by eth0"),
        ]))
  }

  @Test func `only the first of many routes are named`() {
    let routes = (1...5).map { number in
      RouteUses.Route(
        version: 4, destination: IPAddress("198.51.\(number).0"), length: 24, table: number == 1 ? 100 : nil,
        isKernelRoute: false)
    }
    func words(_ routes: [RouteUses.Route]) -> [String] {
      var uses = RouteUses(by: "eth0", addresses: [])
      for route in routes { uses.add(route) }
      return uses.uses.map(\.description)
    }
    // The text does not depend on their order, as a plan would become stale with it.
    #expect(words(routes.reversed()) == words(routes))
    #expect(words(routes).names(["198.51.2.0/24", "198.51.3.0/24", "198.51.4.0/24", "eth0"]))
    #expect(!words(routes)[0].names("198.51.5.0/24"))
    let standard = RouteUses.Route(version: 4, length: 0, table: 100, isKernelRoute: true)
    #expect(words([standard, standard]).names(["IPv4", "eth0", "100"]))
  }

  @Test func `a PPPoE session is a use of its interface`() throws {
    let (tree, _) = try tree()
    try tree.write(
      "proc/net/pppoe", "Id       Address              Device\n00000700 02:00:00:00:00:01     eth0\nx\n")
    #expect(try interface(tree).uses == .known([HostUse(.pppoe, "7 over eth0")]))
  }

  @Test func `each interface of a function with two ports is read`() throws {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0", id: "15B3:1003", driver: "mlx4_core")
    try tree.interface("eth0", of: path)
    try tree.interface("eth1", of: path)
    try tree.write(
      "ip-address.json",
      """
      [{"ifname": "eth0", "addr_info": []},
       {"ifname": "eth1", "addr_info": [{"family": "inet", "local": "192.0.2.10", "prefixlen": 24}]}]
      """)
    let interfaces = try tree.readFunction("0000:03:00.0").interfaces
    #expect(interfaces.map(\.name) == ["eth0", "eth1"])
    #expect(interfaces.map(\.uses) == [.known([]), .known([HostUse(.address, "192.0.2.10/24")])])
  }

  @Test func `a stack is followed upwards, with what it carries`() throws {
    let (tree, interface) = try tree(
      addresses: """
        [{"ifname": "br0", "addr_info": [{"family": "inet", "local": "192.0.2.10", "prefixlen": 24}]},
         {"ifname": "team0", "linkinfo": {"info_kind": "team"}, "addr_info": []}]
        """)
    try tree.virtual("bond0", folder: "bonding", above: interface)
    try tree.virtual("bond0.120", type: "vlan", above: Self.other + "bond0")
    try tree.virtual("br0", folder: "bridge", above: Self.other + "bond0.120")
    try tree.virtual("mv0", type: "macvlan", above: interface)
    try tree.virtual("team0", above: interface)
    try tree.virtual("ovs-system", above: interface)
    try route(tree, "br0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000")
    #expect(
      try self.interface(tree).uses
        == .known([
          HostUse(.defaultRoute, "IPv4 by br0"), HostUse(.address, "192.0.2.10/24 on br0"),
          HostUse(.bond, "bond0"), HostUse(.macvlan, "mv0"), HostUse(.upper, "ovs-system"),
          HostUse(.team, "team0"), HostUse(.vlan, "bond0.120"), HostUse(.bridge, "br0"),
        ]))
  }

  @Test func `a captured tree may show a master only`() throws {
    let (tree, interface) = try tree()
    try tree.folder(Self.other + "br0/bridge")
    try tree.link(interface + "/master", to: "../../../../../virtual/net/br0")
    #expect(try self.interface(tree).uses == .known([HostUse(.upper, "br0")]))
    try tree.link("sys/class/net/br0", to: "../../devices/virtual/net/br0")
    #expect(try self.interface(tree).uses == .known([HostUse(.bridge, "br0")]))
  }

  @Test func `a stack with a loop is read once`() throws {
    let (tree, interface) = try tree()
    try tree.virtual("a", above: interface, Self.other + "b")
    try tree.virtual("b", above: Self.other + "a")
    #expect(try self.interface(tree).uses == .known([HostUse(.upper, "a"), HostUse(.upper, "b")]))
  }

  @Test func `an interface in another network namespace is not read`() throws {
    let (tree, interface) = try tree()
    tree.remove(interface)
    tree.remove("sys/class/net/eth0")
    #expect(try tree.readFunction("0000:03:00.0").interfaces == [])
  }

  @Test func `an interface is found below a virtio device`() throws {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0", id: "1AF4:1041", driver: "virtio-pci")
    try tree.interface("eth0", of: path, place: "virtio2/net")
    #expect(try tree.readFunction("0000:03:00.0").interfaces.map(\.name) == ["eth0"])
  }

  @Test func `a USB NIC is not an interface of its controller`() throws {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0", deviceClass: "C0330", driver: "xhci_hcd")
    try tree.interface("enx1", of: path, place: "usb1/1-1/1-1:1.0/net")
    #expect(try tree.readFunction("0000:03:00.0").interfaces == [])
  }

  @Test func `without sys_class_net the folders of the functions are read`() throws {
    let (tree, _) = try tree()
    tree.remove("sys/class")
    #expect(try interface(tree).name == "eth0")
  }

  @Test func `an interface that is down has no carrier and no speed`() throws {
    let (tree, interface) = try tree()
    try tree.write(interface + "/flags", "0x1002\n")
    tree.remove(interface + "/carrier")
    let read = try self.interface(tree)
    #expect(read.isUp == false && read.hasCarrier == nil && read.speed == nil)
  }

  @Test func `an InfiniBand address is not a MAC address and not an error`() throws {
    let (tree, interface) = try tree()
    try tree.write(interface + "/address", "80:00:02:08:fe:80:00:00:00:00:00:00:f4:52:14:03:00:7b:cb:a1\n")
    #expect(try self.interface(tree).mac == nil)
  }
}

@Suite struct `Uses of an interface that are unknown` {
  func tree() throws -> (SysfsTree, interface: String) {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0", driver: "igb")
    try tree.interface("eth0", of: path)
    return (tree, path + "/net/eth0")
  }

  func interface(_ tree: SysfsTree) throws -> NetworkInterface {
    try #require(try tree.readFunction("0000:03:00.0").interfaces.first)
  }

  @Test func `without addresses the uses are unknown unless one is found`() throws {
    let (tree, interface) = try tree()
    tree.remove("ip-address.json")
    let uses = try self.interface(tree).uses
    #expect(uses.reason?.hasPrefix(tree.root + "/ip-address.json: No such file or directory") == true)
    // A use that was found is still reported.
    try tree.virtual("br0", folder: "bridge", above: interface)
    #expect(try self.interface(tree).uses == .known([HostUse(.bridge, "br0")]))
  }

  @Test func `IPv6 addresses are also read from if_inet6`() throws {
    let (tree, _) = try tree()
    tree.remove("ip-address.json")
    try tree.write(
      "proc/net/if_inet6",
      "fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n"
        + "20010db8000000000000000000000001 04 40 00 82     eth0\nx\n")
    #expect(try interface(tree).uses == .known([HostUse(.address, "2001:db8::1/64")]))
  }

  @Test(arguments: ["", "{}", "[1]", "[{\"ifname\": \"a b\"}]", "[", "\u{0}", "[{\"ifname\": \"eth0\"}] x"])
  func `invalid addresses are reported with their location`(_ text: String) throws {
    let (tree, _) = try tree()
    try tree.write("ip-address.json", text)
    #expect(try interface(tree).uses.reason?.hasPrefix(tree.root + "/ip-address.json:1:") == true)
  }

  @Test func `without routes the uses are unknown`() throws {
    let (tree, _) = try tree()
    tree.remove("proc/net")
    let reason = try interface(tree).uses.reason
    #expect(reason == tree.root + "/proc/net/route: No such file or directory")
  }

  @Test func `a route file without an end is refused`() throws {
    let (tree, _) = try tree()
    tree.remove("proc/net/route")
    // 65 MB of zeroes, which use no disk space.
    try tree.write("proc/net/route", "")
    try #require(tree.run("/usr/bin/truncate", ["-s", "65M", tree.root + "/proc/net/route"]) == 0)
    #expect(try interface(tree).uses.reason == tree.root + "/proc/net/route: File too large")
  }

  @Test(arguments: [
    ("0", "", "90:e2:ba:00:d1:c2"), ("1", "", nil), ("2", "", nil), ("3", "", "90:e2:ba:00:d1:c2"),
    ("3", "\"permaddr\": \"90:e2:ba:00:00:01\", ", "90:e2:ba:00:00:01"), ("9", "", nil),
  ])
  func `the permanent address is read by its assignment type`(
    _ type: String, _ member: String, _ expected: String?
  ) throws {
    let (tree, interface) = try tree()
    try tree.write(interface + "/addr_assign_type", type + "\n")
    try tree.write("ip-address.json", "[{\(member)\"ifname\": \"eth0\", \"addr_info\": []}]")
    #expect(try self.interface(tree).permanentMAC == expected.flatMap { MACAddress($0) })
  }

  @Test func `the permanent address is unknown on an old kernel if an address was set`() throws {
    let (tree, interface) = try tree()
    try tree.write(interface + "/addr_assign_type", "3\n")
    try tree.write("ip-address.json", "[{\"ifname\": \"eth0\", \"addr_info\": []}]")
    try tree.write("proc/sys/kernel/osrelease", "5.4.0-42-generic\n")
    #expect(try self.interface(tree).permanentMAC == nil)
  }
}
