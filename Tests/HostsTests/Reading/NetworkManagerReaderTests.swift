import HostModel
import Hosts
import Testing

@Suite struct `Surveying network managers` {
  private let tree: SysfsTree

  init() throws {
    tree = try SysfsTree()
    try process(1, "/usr/lib/systemd/systemd", comm: "systemd")
  }

  private func process(_ number: Int, _ path: String, comm: String, namespace: String = "net:[1]") throws {
    try tree.write("proc/\(number)/comm", comm + "\n")
    try tree.write("proc/\(number)/cmdline", path + "\0--no-daemon\0")
    try tree.link("proc/\(number)/ns/net", to: namespace)
  }

  private func run(_ names: String...) throws {
    for (index, name) in names.enumerated() {
      try process(10 + index, "/usr/sbin/" + name, comm: String(name.prefix(15)))
    }
  }

  private func managers() throws -> NetworkManagers {
    SurveyReader(root: tree.root, stateFolder: nil, libvirt: nil).read(try tree.read().state).networkManagers
  }

  private func settings() throws -> NetworkManagerSettings {
    let observed = try #require(try managers().networkManager.value)
    return try #require(observed)
  }

  private func words(_ words: [ConfigurationWord]) -> [String] { words.map { "\($0.text) \($0.origin)" } }

  // MARK: - Which managers are in use

  @Test func `a manager is in use if it runs in the network namespace of the host`() throws {
    #expect(try managers().networkManager == .known(nil))
    #expect(try managers().networkd == .known(nil))
    #expect(try managers().ifupdown == .known(nil))
    #expect(try managers().netplan == .known(nil))
    // A container, and programs whose names start in the same way.
    try process(7, "/usr/sbin/NetworkManager", comm: "NetworkManager", namespace: "net:[2]")
    try process(8, "/usr/lib/systemd/systemd-networkd-wait-online", comm: "systemd-network")
    #expect(try managers().networkManager == .known(nil))
    #expect(try managers().networkd == .known(nil))
    try run("NetworkManager", "systemd-networkd")
    #expect(try managers().networkManager == .known(NetworkManagerSettings()))
    #expect(try managers().networkd == .known([]))
  }

  @Test func `managers are unknown in a tree without processes and programs`() throws {
    tree.remove("proc/1")
    try tree.write("etc/network/interfaces", "auto eth0\n")
    #expect(try managers().networkManager.reason != nil)
    #expect(try managers().networkd.reason != nil)
    #expect(try managers().ifupdown.reason != nil)
    #expect(try managers().netplan == .known(nil))
  }

  // MARK: - NetworkManager

  @Test func `a later file of NetworkManager replaces or extends a list`() throws {
    try run("NetworkManager")
    try tree.write(
      "usr/lib/NetworkManager/conf.d/90-a.conf", "[keyfile]\nunmanaged-devices=mac:x,a\\;b ; c\n")
    #expect(
      words(try settings().unmanaged)
        == ["mac:x", "a;b", "c"].map { "\($0) /usr/lib/NetworkManager/conf.d/90-a.conf:2" })
    try tree.write(
      "run/NetworkManager/conf.d/10-b.conf", "[keyfile]\n# unmanaged-devices=no\nunmanaged-devices+=d\n")
    try tree.write(
      "etc/NetworkManager/conf.d/00-c.conf", "[keyfile]\nunmanaged-devices-=c;mac:x\nunmanaged-devices += e\n"
    )
    #expect(try settings().unmanaged.map(\.text) == ["a;b", "d"])
    try tree.write(
      "etc/NetworkManager/NetworkManager.conf", "[keyfile]\nunmanaged-devices=\n[main]\nno-auto-default=*\n")
    #expect(try settings().unmanaged == [])
    #expect(words(try settings().noAutoDefault) == ["* /etc/NetworkManager/NetworkManager.conf:4"])
    try tree.write("var/lib/NetworkManager/no-auto-default.state", "90:e2:ba:00:d1:c2\n\n")
    #expect(try settings().noAutoDefault.map(\.text) == ["*", "90:e2:ba:00:d1:c2"])
  }

  @Test func `a file in etc replaces files of the same name`() throws {
    try run("NetworkManager")
    try tree.write("usr/lib/NetworkManager/conf.d/10-a.conf", "[keyfile]\nunmanaged-devices=*\n")
    try tree.write("run/NetworkManager/conf.d/10-b.conf", "[keyfile]\nunmanaged-devices+=b\n")
    try tree.write("run/NetworkManager/conf.d/10-a.conf", "")
    #expect(try settings().unmanaged.map(\.text) == ["b"])
    try tree.link("etc/NetworkManager/conf.d/10-b.conf", to: "/dev/null")
    #expect(try settings().unmanaged == [])
    try tree.write("etc/NetworkManager/conf.d/c.txt", "[keyfile]\nunmanaged-devices=*\n")
    #expect(try settings().unmanaged == [])
  }

  @Test func `device sections of later files come first, and the one without a name last`() throws {
    try run("NetworkManager")
    try tree.write(
      "etc/NetworkManager/conf.d/1.conf",
      "[device]\nmanaged=0\n[device-a]\nmatch-device=driver:igb\nmanaged=false\n[device.b]\nmanaged=1\n[device.c]\nx=1\n"
    )
    try tree.write(
      "etc/NetworkManager/conf.d/2.conf", "[device-d]\nmatch-device=type:ethernet\nmanaged=true\n")
    let sections = try settings().sections
    #expect(sections.map { $0.match?.map(\.text) } == [["type:ethernet"], ["driver:igb"], nil, nil])
    #expect(sections.map(\.isManaged) == [true, false, true, false])
    #expect(sections.map(\.origin.line) == [3, 5, 7, 2])
  }

  @Test func `a file that depends on the version is unknown if it says something about devices`() throws {
    try run("NetworkManager")
    let file = "usr/lib/NetworkManager/conf.d/22.conf"
    try tree.write(file, "[.config]\nenable=nm-version-min:1.45\n[connection]\nwifi.powersave=2\n")
    #expect(try settings() == NetworkManagerSettings())
    try tree.write(file, "[.config]\nenable=nm-version-min:1.45\n[keyfile]\nunmanaged-devices+=*\n")
    #expect(try managers().networkManager.reason?.contains("/" + file) == true)
    try tree.write(file, "[.config]\nenable=false\n[keyfile]\nunmanaged-devices=*\n")
    #expect(try settings() == NetworkManagerSettings())
  }

  @Test func `the plugin ifupdown leaves interfaces alone unless it is set to manage them`() throws {
    try run("NetworkManager")
    try tree.write(
      "etc/NetworkManager/NetworkManager.conf",
      "[main]\nplugins=ifupdown,keyfile\n\n[ifupdown]\nmanaged=false\n")
    #expect(try settings().leavesInterfacesFile)
    try tree.write("etc/NetworkManager/conf.d/a.conf", "[ifupdown]\nmanaged=true\n")
    #expect(try !settings().leavesInterfacesFile)
  }

  @Test func `profiles of NICs are read once for each UUID`() throws {
    try run("NetworkManager")
    func profile(_ path: String, _ text: String) throws {
      try tree.write(path.replacing("NM", with: "NetworkManager/system-connections"), text)
    }
    try profile("etc/NM/lan", "[connection]\nuuid=1\ntype=ethernet\ninterface-name=eth0\nautoconnect=false\n")
    try profile("usr/lib/NM/lan.nmconnection", "[connection]\nuuid=1\ntype=ethernet\n")
    try profile(
      "run/NM/a.nmconnection",
      "[connection]\nuuid=2\ntype=802-3-ethernet\n[802-3-ethernet]\nmac-address=90:E2:BA:00:D1:C2\n")
    try profile("run/NM/no-suffix", "[connection]\nuuid=3\ntype=ethernet\n")
    try profile("etc/NM/.hidden", "[connection]\ntype=ethernet\n")
    try profile("etc/NM/br0.nmconnection", "[connection]\nuuid=4\ntype=bridge\n[ethernet]\nmac-address=no\n")
    try profile(
      "etc/NM/m.nmconnection",
      "[connection]\ntype=infiniband\n[match]\ndriver=mlx5_core\n[infiniband]\nmac-address=80:00\n")
    #expect(
      try settings().profiles
        == .known([
          ConnectionProfile(
            file: "/run/NetworkManager/system-connections/a.nmconnection",
            mac: MACAddress("90:e2:ba:00:d1:c2")),
          ConnectionProfile(
            file: "/etc/NetworkManager/system-connections/lan", isAutomatic: false, interface: "eth0"),
          ConnectionProfile(
            file: "/etc/NetworkManager/system-connections/m.nmconnection", isInfiniBand: true,
            otherConditions: ["match.driver", "mac-address"]),
        ]))
  }

  @Test func `profiles that cannot be read are unknown, and the rest is known`() throws {
    try run("NetworkManager")
    try tree.write("etc/NetworkManager/conf.d/a.conf", "[keyfile]\nunmanaged-devices=eth0\n")
    try tree.folder("etc/NetworkManager/system-connections/lan.nmconnection")
    #expect(try settings().unmanaged.map(\.text) == ["eth0"])
    #expect(try settings().profiles.reason != nil)
    tree.remove("etc/NetworkManager/system-connections")
    try tree.write("etc/sysconfig/network-scripts/ifcfg-lo", "")
    #expect(try settings().profiles == .known([]))
    try tree.write("etc/sysconfig/network-scripts/ifcfg-eth0", "")
    #expect(try settings().profiles.reason?.contains("/ifcfg-eth0") == true)
  }

  @Test func `interfaces that udev excludes are read from its database`() throws {
    try run("NetworkManager")
    let path = try tree.function("0000:03:00.0", driver: "igb")
    for (index, name) in ["eth0", "eth1", "eth2"].enumerated() {
      try tree.interface(name, of: path)
      try tree.write(path + "/net/\(name)/ifindex", "\(index + 2)\n")
    }
    try tree.write("run/udev/data/n2", "I:1\nE:NM_UNMANAGED=1\nG:systemd\n")
    try tree.write("run/udev/data/n3", "E:NM_UNMANAGED=0\n")
    #expect(try settings().unmanagedByUdev == ["eth0"])
  }

  // MARK: - systemd-networkd

  private func files() throws -> [NetworkFile] {
    let observed = try #require(try managers().networkd.value)
    return try #require(observed)
  }

  @Test func `files of networkd are sorted by name, and those of the same name replace each other`() throws {
    try run("systemd-networkd")
    for (folder, name) in [
      ("usr/lib", "80-a"), ("usr/local/lib", "80-a"), ("run", "10-b"), ("etc", "50-c"), ("usr/lib", "50-c"),
      ("usr/lib", "20-d"), ("usr/lib", "30-e"),
    ] {
      try tree.write("\(folder)/systemd/network/\(name).network", "[Match]\nName=\(folder)\n")
    }
    try tree.link("etc/systemd/network/20-d.network", to: "/dev/null")
    try tree.write("run/systemd/network/30-e.network", "")
    try tree.write("etc/systemd/network/00-z.link", "[Match]\nOriginalName=*\n")
    #expect(
      try files().map(\.path) == [
        "/run/systemd/network/10-b.network", "/etc/systemd/network/50-c.network",
        "/usr/local/lib/systemd/network/80-a.network",
      ])
  }

  @Test func `conditions are lists that can be extended, reset and inverted`() throws {
    try run("systemd-networkd")
    let path = "etc/systemd/network/10.network"
    try tree.write(
      path,
      "# c\n[Match]\nName=a\nName=\nName=!b \"c\"\nName=d\nOriginalName=e\nDriver=igb \\\n; no\nixgbe\n[Link]\nUnmanaged=no\n"
    )
    let name = NetworkFile.Condition(
      key: "Name", words: ["!b", "!c", "d"], origin: ConfigurationLine("/" + path, 5))
    let file = try files()[0]
    #expect(file.conditions.first == name)
    #expect(file.conditions.map(\.key) == ["Name", "Driver"])
    #expect(!file.isUnmanaged)
    try tree.write("run/systemd/network/10.network.d/x.conf", "[Link]\nUnmanaged=yes\n[Match]\nType=ether\n")
    #expect(try files()[0].isUnmanaged)
    #expect(try files()[0].conditions.map(\.key) == ["Name", "Driver", "Type"])
    try tree.link("etc/systemd/network/10.network.d/x.conf", to: "/dev/null")
    #expect(try !files()[0].isUnmanaged)
  }

  // MARK: - ifupdown

  private func interfaces() throws -> [InterfacesLine] {
    let observed = try #require(try managers().ifupdown.value)
    return try #require(observed)
  }

  @Test func `lines that name interfaces are read, also from included files`() throws {
    let file = "etc/network/interfaces"
    try tree.write("usr/sbin/ifup", "")
    let text =
      "# auto no \\\nauto lo \\\n eth0\niface eth0 inet static\n  address 192.0.2.1/24\niface br0 inet manual\n"
      + "  bridge_ports eth1 eth2\nallow-hotplug /en*/1=lan\nmapping eth3\n  script /x\nbridge_ports no\n"
      + "source /etc/network/interfaces.d/*.cfg\nsource-directory interfaces.d\nsource interfaces missing\n"
    try tree.write(file, text + "source ../../elsewhere\n")
    #expect(try managers().ifupdown.reason?.contains("elsewhere") == true)
    try tree.write(file, text)
    try tree.write("etc/network/interfaces.d/b.cfg", "auto b\n")
    try tree.write("etc/network/interfaces.d/a.cfg", "auto a\nsource /etc/network/interfaces\n")
    try tree.write("etc/network/interfaces.d/plain", "auto p\n")
    try tree.write("etc/network/interfaces.d/.hidden.cfg", "auto h\n")
    let lines = try interfaces()
    #expect(
      lines.map { "\($0.origin.file.split(separator: "/").last ?? ""):\($0.origin.line)" } == [
        "interfaces:2", "interfaces:4", "interfaces:6", "interfaces:7", "interfaces:8", "interfaces:9",
        "a.cfg:1", "b.cfg:1",
        "plain:1",
      ])
    #expect(
      lines.map(\.kind) == [.activation, .iface, .iface, .ports, .activation, .mapping]
        + Array(repeating: .activation, count: 3))
    #expect(
      lines.map(\.names) == [
        ["lo", "eth0"], ["eth0"], ["br0"], ["eth1", "eth2"], ["/en*/1=lan"], ["eth3"], ["a"], ["b"], ["p"],
      ])
    #expect(lines[3].stanza == "br0")
  }

  @Test func `ifupdown is unknown if too many files are included`() throws {
    try tree.write("usr/sbin/ifup", "")
    try tree.write("etc/network/interfaces", "source-directory /etc/network/interfaces.d\n")
    for number in 0..<256 { try tree.write("etc/network/interfaces.d/\(number)", "") }
    #expect(try managers().ifupdown.reason != nil)
    tree.remove("etc/network/interfaces.d/7")
    #expect(try managers().ifupdown == .known([]))
  }

  // MARK: - netplan

  @Test func `entries of netplan are merged over its files`() throws {
    try tree.write(
      "etc/netplan/50.yaml",
      "network:\n  version: 2\n  ethernets:\n    eth0: {dhcp4: true}\n    lan:\n      match: {name: \"en*\", driver: [igb, \"ix*\"]}\n    all: {match: {}}\n"
    )
    try tree.write("usr/lib/netplan/50.yaml", "network: {ethernets: {gone: {}}}\n")
    try tree.write(
      "run/netplan/90.yaml",
      "network:\n  ethernets:\n    lan:\n      match: {macaddress: \"90:e2:ba:00:d1:c2\"}\n  bonds: {b: {interfaces: [eth0]}}\n"
    )
    try tree.write("etc/netplan/70.yaml", "network: {ethernets: }\n---\n[]\n")
    #expect(
      try managers().netplan
        == .known([
          NetplanEntry(name: "eth0", origin: ConfigurationLine("/etc/netplan/50.yaml", 4)),
          NetplanEntry(
            name: "lan",
            match: NetplanMatch(name: "en*", mac: MACAddress("90:e2:ba:00:d1:c2"), drivers: ["igb", "ix*"]),
            origin: ConfigurationLine("/run/netplan/90.yaml", 3)),
          NetplanEntry(
            name: "all", match: NetplanMatch(), origin: ConfigurationLine("/etc/netplan/50.yaml", 7)),
        ]))
  }

  @Test(arguments: [
    "network: {ethernets: [a]}\n", "network: [\n",
    "network: {ethernets: {a: {match: {macaddress: \"*\"}}}}\n",
    String(repeating: "[", count: 100), "a: 1\na: 2\n",
  ])
  func `netplan is unknown if a file of it is not valid`(_ text: String) throws {
    try tree.write("etc/netplan/a.yaml", text)
    #expect(try managers().netplan.reason?.contains("/etc/netplan/a.yaml") == true)
  }

  // MARK: - Hostile trees

  @Test func `links of a captured tree lead only to files in it`() throws {
    try run("systemd-networkd")
    try tree.write("data/real", "[Match]\nName=real\n")
    try tree.write("etc/systemd/network/9.network", "[Match]\nName=other\n")
    try tree.link("etc/systemd/network/1.network", to: "/data/real")
    try tree.link("etc/systemd/network/2.network", to: "../../../../../../../data/real")
    try tree.link("etc/systemd/network/3.network", to: "/etc/passwd-missing")
    #expect(try files().map { $0.conditions.map(\.words) } == [[["real"]], [["real"]], [["other"]]])
    try tree.link("etc/systemd/network/4.network", to: "4.network")
    #expect(try managers().networkd.reason?.contains("4.network") == true)
  }

  @Test func `a file or folder that is too large is unknown`() throws {
    try run("systemd-networkd", "NetworkManager")
    try tree.write("etc/systemd/network/1.network", Array(repeating: UInt8(ascii: "\n"), count: 1 << 18))
    #expect(try files().map(\.conditions) == [[]])
    try tree.write("etc/systemd/network/1.network", Array(repeating: UInt8(ascii: "\n"), count: 1 << 18 + 1))
    #expect(try managers().networkd.reason?.contains("1.network") == true)
    for number in 0...1024 { try tree.link("etc/NetworkManager/conf.d/\(number)", to: "x") }
    #expect(try managers().networkManager.reason?.contains("etc/NetworkManager/conf.d") == true)
  }

  @Test func `bytes that are no text do not stop the reader`() throws {
    try run("systemd-networkd")
    try tree.write(
      "etc/systemd/network/1.network",
      [0xFF, 0x0A, 0x3D, 0x0A, 0x5B, 0x5D, 0x0A] + Array("[Match]\nName=\u{1}\u{85}a".utf8))
    #expect(try files()[0].conditions.map(\.words) == [["\u{1}\u{85}a"]])
  }
}
