import HostModel
import Planning
import TestSupport
import Testing

/// A guest has the NIC 0000:03:00.0 (eth30, 90:e2:ba:03:00:00, igb).
@Suite("doctor, for network managers,")
struct NetworkManagerTests {
  private static let address = pci("03:00.0")
  private static let permanent = mac(of: address)

  private func diagnosis(
    _ change: (inout NetworkManagers) -> Void, function: PCIFunction = nic("03:00.0"),
    also: Set<PCIAddress> = []
  ) -> Diagnosis {
    let state = fitState {
      $0.libvirt = .known([withPorts(off("vm", [marked("03:00.0", "lan")]), 2)])
      $0.functions[1] = function
    }
    let survey = fitSurvey { change(&$0.networkManagers) }
    return Doctor.examine(HostIndex(state), survey, alsoAssigned: also)
  }

  private func checks(_ diagnosis: Diagnosis) -> [Check] {
    diagnosis.checks.filter { $0.code == .networkManager }
  }

  private func severities(
    function: PCIFunction = nic("03:00.0"), _ change: (inout NetworkManagers) -> Void
  ) -> [Check.Level] {
    checks(diagnosis(change, function: function)).map(\.severity)
  }

  private func line(_ number: Int = 1) -> ConfigurationLine { ConfigurationLine("/etc/x", number) }

  private func list(_ words: String...) -> [ConfigurationWord] { words.map { ConfigurationWord($0, line()) } }

  /// The severity of the result for NetworkManager.
  private func manager(
    function: PCIFunction = nic("03:00.0"), _ change: (inout NetworkManagerSettings) -> Void
  ) -> [Check.Level] {
    severities(function: function) {
      var settings = NetworkManagerSettings()
      change(&settings)
      $0.networkManager = .known(settings)
      $0.ifupdown = .known(nil)
    }
  }

  // MARK: - Which NICs, which managers

  @Test("says nothing without a manager or without a NIC of a guest")
  func nothing() {
    #expect(checks(diagnosis { _ in }) == [])
    let survey = fitSurvey { $0.networkManagers.networkManager = .known(NetworkManagerSettings()) }
    let diagnosis = Doctor.examine(HostIndex(fitState()), survey)
    #expect(checks(diagnosis) == [])
  }

  @Test("says once for each reason what could not be read")
  func unread() {
    let found = checks(
      diagnosis {
        $0 = NetworkManagers(unknown: "hidden")
        $0.netplan = .unavailable("a.yaml: not valid")
      })
    #expect(found.map(\.severity) == [.unknown, .unknown])
    #expect(found[0].message.names("NetworkManager", "systemd-networkd", "ifupdown", "hidden"))
    #expect(found[1].message.names("netplan", "a.yaml"))
  }

  @Test("checks NICs that the caller adds, also VFs that do not exist yet")
  func added() {
    let physical = nic("03:00.0") {
      $0.sriov = SRIOV(total: 8, count: 0, offset: 0x80, stride: 2)
      $0.interfaces[0].name = "enp3s0f0np0"
    }
    let found = checks(
      diagnosis(
        { $0.networkManager = .known(NetworkManagerSettings()) }, function: physical,
        also: [pci("02:00.0"), pci("03:10.2"), pci("09:00.0")]))
    #expect(found.map { $0.message.contains("0000:02:00.0") } == [true, false, false])
    #expect(found.map { $0.message.contains("0000:03:10.2 (enp3s0f0v1)") } == [false, false, true])
    #expect(found[2].help.names("interface-name:enp3s0f0v1"))
    #expect(found[2].help?.contains("mac:") == false)
    #expect(found[0].details.allSatisfy { !$0.contains("vm") })
    #expect(found[1].details.contains { $0.hasSuffix(" vm") })
  }

  // MARK: - NetworkManager

  @Test("reports that NetworkManager takes each NIC by default, and prints the file that excludes the NIC")
  func byDefault() {
    let found = checks(diagnosis { $0.networkManager = .known(NetworkManagerSettings()) })
    #expect(found.map(\.severity) == [.warning])
    #expect(found[0].message.names("NetworkManager", "0000:03:00.0", "eth30"))
    #expect(
      found[0].help
        == "printf '[keyfile]\\nunmanaged-devices+=interface-name:eth30;mac:\(Self.permanent)\\n' "
        + ">/etc/NetworkManager/conf.d/99-pcipass-0000:03:00.0.conf && systemctl reload NetworkManager")
  }

  @Test(
    "evaluates the device lists of NetworkManager",
    arguments: [
      ("*", Check.Level.ok), ("eth30", .ok), ("eth3", .warning), ("interface-name:eth*", .ok),
      ("interface-name:=eth*", .warning), ("interface-name:=eth30", .ok), ("interface-name:~et?30", .ok),
      ("interface-name:eth[0-9]0", .warning), ("mac:90:E2:BA:03:00:00", .ok),
      ("mac:90:e2:ba:03:00:01", .warning),
      ("90:e2:ba:03:00:00", .ok), ("driver:igb", .ok), ("driver:ig*", .warning), ("driver:igb/5.*", .unknown),
      ("type:ethernet", .ok), ("type:wifi", .warning), ("except:type:wifi", .ok),
      ("except:interface-name:eth30", .warning), ("*;except:driver:igb", .warning),
      ("eth30;except:type:wifi", .ok), ("s390-subchannels:0.0.1000", .warning),
      ("dhcp-plugin:dhclient", .unknown),
      ("interface-name:" + String(repeating: "*a", count: 100_000), .unknown),
    ])
  func lists(text: String, expected: Check.Level) {
    let words = text.split(separator: ";").map { ConfigurationWord(String($0), line()) }
    #expect(manager { $0.unmanaged = words } == [expected])
    // The same list decides whether NetworkManager creates a connection.
    #expect(manager { $0.noAutoDefault = words } == [expected])
  }

  @Test("names the exception that keeps a NIC managed")
  func exception() {
    let found = checks(
      diagnosis {
        var settings = NetworkManagerSettings()
        settings.unmanaged = list("*", "except:driver:igb")
        $0.networkManager = .known(settings)
      })
    #expect(found[0].help.names("except:driver:igb", "/etc/x:1"))
  }

  @Test("evaluates device sections before udev, and after unmanaged-devices")
  func sections() {
    func section(_ isManaged: Bool, _ match: String?) -> NetworkManagerSettings.DeviceSection {
      NetworkManagerSettings.DeviceSection(
        match: match.map { list($0) }, isManaged: isManaged, origin: line())
    }
    #expect(manager { $0.sections = [section(false, "driver:igb")] } == [.ok])
    #expect(manager { $0.sections = [section(false, "driver:ixgbe")] } == [.warning])
    #expect(manager { $0.sections = [section(true, "eth30"), section(false, nil)] } == [.warning])
    #expect(manager { $0.unmanagedByUdev = ["eth30"] } == [.ok])
    #expect(manager { $0.unmanagedByUdev = ["eth31"] } == [.warning])
    #expect(
      manager {
        $0.sections = [section(true, nil)]
        $0.unmanagedByUdev = ["eth30"]
      } == [.warning])
    #expect(
      manager {
        $0.sections = [section(true, nil)]
        $0.unmanaged = list("eth30")
      } == [.ok])
  }

  @Test("evaluates profiles before the default")
  func profiles() {
    func profile(_ change: (inout ConnectionProfile) -> Void = { _ in }) -> ConnectionProfile {
      var profile = ConnectionProfile(file: "/etc/p")
      change(&profile)
      return profile
    }
    func result(_ profiles: ConnectionProfile..., auto: Bool = false) -> [Check.Level] {
      manager {
        $0.profiles = .known(profiles)
        $0.noAutoDefault = auto ? [] : list("*")
      }
    }
    #expect(result() == [.ok])
    #expect(result(profile()) == [.warning])
    #expect(result(profile { $0.isAutomatic = false }) == [.ok])
    #expect(result(profile { $0.isAutomatic = false }, auto: true) == [.ok])
    #expect(result(profile { $0.interface = "eth30" }) == [.warning])
    #expect(result(profile { $0.interface = "eth31" }) == [.ok])
    #expect(result(profile { $0.mac = Self.permanent }) == [.warning])
    #expect(result(profile { $0.mac = mac("90:e2:ba:03:00:01") }) == [.ok])
    #expect(result(profile { $0.isInfiniBand = true }) == [.ok])
    #expect(result(profile { $0.otherConditions = ["match.driver"] }) == [.unknown])
    // A connection is created for the NIC, whether or not the profile matches.
    #expect(result(profile { $0.otherConditions = ["match.driver"] }, auto: true) == [.warning])
    let manual = profile {
      $0.isAutomatic = false
      $0.otherConditions = ["match.driver"]
    }
    #expect(result(profile { $0.otherConditions = ["match.driver"] }, manual, auto: true) == [.unknown])
    #expect(manager { $0.profiles = .unavailable("not root") } == [.unknown])
    #expect(
      manager {
        $0.profiles = .unavailable("not root")
        $0.unmanaged = list("*")
      } == [.ok])
  }

  @Test("knows that the plugin ifupdown leaves interfaces alone")
  func plugin() {
    func result(_ lines: Observed<[InterfacesLine]?>) -> [Check.Level] {
      severities {
        var settings = NetworkManagerSettings()
        settings.leavesInterfacesFile = true
        $0.networkManager = .known(settings)
        $0.ifupdown = lines
      }
    }
    let stanza = InterfacesLine(kind: .iface, stanza: "eth30", names: ["eth30"], origin: line())
    #expect(result(.known([stanza])) == [.ok, .ok])
    #expect(result(.known([])) == [.warning, .ok])
    #expect(result(.unavailable("hidden")) == [.unknown, .unknown])
  }

  // MARK: - NICs of which less is known

  @Test("knows a NIC without an interface by what is remembered")
  func remembered() {
    let function = nic("03:00.0", driver: "vfio-pci") { $0.remembered?.altnames = ["enp3s0f0"] }
    #expect(manager(function: function) { $0.unmanaged = list("mac:\(Self.permanent)") } == [.ok])
    #expect(manager(function: function) { $0.unmanaged = list("driver:igb") } == [.ok])
    let files = { (name: String) in
      [NetworkFile(path: "/etc/x", conditions: [.init(key: "Name", words: [name], origin: self.line())])]
    }
    #expect(severities(function: function) { $0.networkd = .known(files("enp*")) } == [.warning])
    #expect(severities(function: function) { $0.networkd = .known(files("wl*")) } == [.ok])
    // NetworkManager does not look at alternative names.
    #expect(manager(function: function) { $0.unmanaged = list("interface-name:enp*") } == [.warning])
  }

  @Test("does not guess about a NIC of which nothing is remembered")
  func forgotten() {
    let function = nic("03:00.0", driver: "vfio-pci") {
      $0.remembered = nil
      $0.nativeDriver = nil
    }
    for word in ["eth30", "mac:\(Self.permanent)", "driver:igb"] {
      #expect(manager(function: function) { $0.unmanaged = list(word) } == [.unknown])
    }
    let found = checks(
      diagnosis({ $0.networkManager = .known(NetworkManagerSettings()) }, function: function))
    #expect(found.map(\.severity) == [.warning])
    #expect(found[0].help.names("interface-name:"))
    let known = nic("03:00.0", driver: "vfio-pci") { $0.remembered = nil }
    let byDriver = checks(
      diagnosis({ $0.networkManager = .known(NetworkManagerSettings()) }, function: known))
    #expect(byDriver[0].help?.contains("unmanaged-devices+=driver:igb\\n") == true)
  }

  @Test("writes only plain names into commands")
  func hostileName() {
    let function = nic("03:00.0") { $0.interfaces[0].name = "a';reboot;'" }
    let found = checks(
      diagnosis({ $0.networkManager = .known(NetworkManagerSettings()) }, function: function))
    #expect(found[0].help?.contains("reboot") == false)
    #expect(found[0].help.names("mac:\(Self.permanent)"))
  }

  // MARK: - systemd-networkd

  private func file(
    _ path: String, unmanaged: Bool = false, _ conditions: (String, [String])...
  ) -> NetworkFile {
    NetworkFile(
      path: path,
      conditions: conditions.map { .init(key: $0.0, words: $0.1, origin: ConfigurationLine(path, 2)) },
      isUnmanaged: unmanaged)
  }

  @Test(
    "evaluates the conditions of networkd",
    arguments: [
      ("Name", ["*"], Check.Level.warning), ("Name", ["en*", "eth[0-9]*"], .warning), ("Name", ["en*"], .ok),
      ("Name", ["!eth30"], .ok), ("Name", ["!en*"], .warning), ("Name", ["eth*", "!*30"], .ok),
      ("MACAddress", ["90-e2-ba-03-00-00"], .warning),
      ("PermanentMACAddress", ["90:e2:ba:03:00:00"], .warning),
      ("PermanentMACAddress", ["x"], .ok), ("Driver", ["ig*"], .warning), ("Driver", ["ixgbe"], .ok),
      ("Path", ["pci-0000:03:*"], .warning), ("Path", ["pci-0000:04:00.0"], .ok),
      ("Type", ["ether"], .warning),
      ("Type", ["!ether"], .ok), ("Type", ["wlan"], .ok), ("Kind", ["!*"], .warning), ("Kind", ["veth"], .ok),
      ("WLANInterfaceType", ["ap"], .ok), ("Virtualization", ["container"], .ok),
      ("Virtualization", ["!container"], .warning), ("Host", ["hv01"], .unknown),
      ("Property", ["A=b"], .unknown),
    ])
  func conditions(key: String, words: [String], expected: Check.Level) {
    #expect(severities { $0.networkd = .known([file("/etc/x", (key, words))]) } == [expected])
  }

  @Test("lets the first matching file of networkd decide")
  func first() {
    let all = file("/etc/50", ("Name", ["*"]))
    func result(_ files: NetworkFile...) -> [Check.Level] { severities { $0.networkd = .known(files) } }
    #expect(result() == [.ok])
    #expect(result(file("/etc/10")) == [.ok])
    #expect(result(file("/etc/10", unmanaged: true, ("Name", ["eth30"])), all) == [.ok])
    #expect(result(file("/etc/10", unmanaged: true, ("Name", ["eth31"])), all) == [.warning])
    #expect(result(all, file("/etc/90", unmanaged: true, ("Name", ["eth30"]))) == [.warning])
    #expect(result(file("/etc/10", unmanaged: true, ("Host", ["x"])), all) == [.unknown])
    #expect(result(file("/etc/10", ("Host", ["x"])), all) == [.warning])
    #expect(result(file("/etc/10", ("Name", ["eth30"]), ("Driver", ["x"])), all) == [.warning])
  }

  @Test("prints a file for networkd that comes before the one that matches")
  func networkdHelp() {
    func help(_ path: String, _ function: PCIFunction = nic("03:00.0")) -> String? {
      checks(diagnosis({ $0.networkd = .known([file(path, ("Name", ["*"]))]) }, function: function)).first?
        .help
    }
    #expect(
      help("/etc/systemd/network/10-all.network")
        == "printf '[Match]\\nPermanentMACAddress=\(Self.permanent)\\n[Link]\\nUnmanaged=yes\\n' "
        + ">/etc/systemd/network/05-pcipass-0000:03:00.0.network && networkctl reload")
    #expect(help("/etc/systemd/network/04-a.network").names("/00-pcipass-0000:03:00.0.network"))
    #expect(help("/etc/systemd/network/00-a.network").names("/etc/systemd/network/00-a.network"))
    let member = nic("03:00.0") {
      $0.virtualFunction = VirtualFunction(physicalFunction: pci("02:00.0"), index: 3)
    }
    #expect(
      help("/etc/systemd/network/10-all.network", member)?.contains("\\nPath=pci-0000:03:00.0\\n") == true)
  }

  // MARK: - ifupdown

  private func interfaces(_ lines: (InterfacesLine.Kind, String?, [String])...) -> [Check.Level] {
    severities {
      $0.ifupdown = .known(
        lines.enumerated().map {
          InterfacesLine(kind: $1.0, stanza: $1.1, names: $1.2, origin: ConfigurationLine("/etc/i", $0 + 1))
        })
    }
  }

  @Test("knows which interfaces ifupdown brings up")
  func ifupdown() {
    let stanza = (InterfacesLine.Kind.iface, "eth30" as String?, ["eth30"])
    #expect(interfaces(stanza) == [.ok])
    #expect(interfaces((.activation, nil, ["lo", "eth30"])) == [.ok])
    #expect(interfaces((.activation, nil, ["lo", "eth30"]), stanza) == [.warning])
    #expect(interfaces((.activation, nil, ["/eth*"]), stanza) == [.warning])
    #expect(interfaces((.activation, nil, ["/en*"]), stanza) == [.ok])
    #expect(interfaces((.activation, nil, ["eth30=lan"]), stanza) == [.ok])
    #expect(
      interfaces((.activation, nil, ["mac/\(Self.permanent)=lan"]), (.iface, "lan", ["lan"])) == [.warning])
    #expect(interfaces((.activation, nil, ["ifindex/7"]), stanza) == [.unknown])
    #expect(interfaces((.activation, nil, ["eth30"]), (.mapping, nil, ["eth*"])) == [.warning])
    let bridge = (InterfacesLine.Kind.ports, "br0" as String?, ["eth30"])
    #expect(interfaces(bridge) == [.ok])
    #expect(interfaces((.activation, nil, ["br0"]), bridge) == [.warning])
    #expect(interfaces((.activation, nil, ["br0"]), (.ports, "br0", ["all"])) == [.warning])
    #expect(interfaces((.activation, nil, ["br0"]), (.ports, "br0", ["regex", "e.*"])) == [.unknown])
  }

  @Test("names the lines of ifupdown to remove")
  func stanzas() {
    let found = checks(
      diagnosis {
        $0.ifupdown = .known([
          InterfacesLine(kind: .activation, names: ["eth30"], origin: ConfigurationLine("/etc/i", 3)),
          InterfacesLine(
            kind: .iface, stanza: "eth30", names: ["eth30"], origin: ConfigurationLine("/etc/i", 5)),
        ])
      })
    #expect(found[0].details.first.names("/etc/i:3"))
    #expect(found[0].help.names("/etc/i:3", "/etc/i:5"))
  }

  // MARK: - netplan

  @Test("knows which entries of netplan are for the NIC")
  func netplan() {
    func result(_ name: String, _ match: NetplanMatch?) -> [Check.Level] {
      severities { $0.netplan = .known([NetplanEntry(name: name, match: match, origin: line(7))]) }
    }
    #expect(result("eth30", nil) == [.warning])
    #expect(result("eth31", nil) == [.ok])
    #expect(result("eth30", NetplanMatch(name: "en*")) == [.ok])
    #expect(result("a", NetplanMatch()) == [.warning])
    #expect(result("a", NetplanMatch(name: "eth*", drivers: ["ixgbe", "ig*"])) == [.warning])
    #expect(result("a", NetplanMatch(name: "eth*", drivers: ["ixgbe"])) == [.ok])
    #expect(result("a", NetplanMatch(mac: Self.permanent)) == [.warning])
  }

  @Test("reports what netplan generated for other managers once, as netplan's")
  func generated() {
    let entry = NetplanEntry(name: "eth30", origin: ConfigurationLine("/etc/netplan/a.yaml", 4))
    let found = checks(
      diagnosis {
        $0.netplan = .known([entry])
        $0.networkd = .known([file("/run/systemd/network/10-netplan-eth30.network", ("Name", ["eth30"]))])
        var settings = NetworkManagerSettings()
        settings.profiles = .known([
          ConnectionProfile(file: "/run/NetworkManager/system-connections/netplan-eth30.nmconnection")
        ])
        $0.networkManager = .known(settings)
      })
    #expect(found.map(\.severity) == [.warning])
    #expect(found[0].message.names("netplan"))
    #expect(found[0].details.first.names("/etc/netplan/a.yaml:4"))
    #expect(found[0].help.names("/etc/netplan/a.yaml:4", "netplan try"))
    // Without the entry, the generated file is a finding of its own.
    #expect(
      severities {
        $0.netplan = .known([])
        $0.networkd = .known([file("/run/systemd/network/10-netplan-eth30.network", ("Name", ["eth30"]))])
      } == [.warning, .ok])
  }

  @Test("reports each NIC and each manager once, and what could not be decided in one line")
  func several() {
    let found = checks(
      diagnosis(
        {
          $0.networkManager = .known(NetworkManagerSettings())
          $0.networkd = .known([file("/etc/x", ("Host", ["a"]))])
        }, also: [pci("02:00.0")]))
    #expect(found.map(\.severity) == [.warning, .warning, .unknown])
    #expect(found[2].message.names("0000:02:00.0", "0000:03:00.0", "Host="))
  }
}
