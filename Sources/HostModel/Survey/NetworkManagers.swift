/// What the configuration of the network managers says about interfaces. The value of a manager is nil if the
/// host does not use it.
public struct NetworkManagers: Sendable, Equatable {
  public var networkManager: Observed<NetworkManagerSettings?>
  /// The .network files of systemd-networkd, in the order in which it reads them.
  public var networkd: Observed<[NetworkFile]?>
  /// The lines of /etc/network/interfaces, and of the files that it includes, that name interfaces.
  public var ifupdown: Observed<[InterfacesLine]?>
  /// The Ethernet interfaces of netplan.
  public var netplan: Observed<[NetplanEntry]?>

  public init(unknown reason: String) {
    networkManager = .unavailable(reason)
    networkd = .unavailable(reason)
    ifupdown = .unavailable(reason)
    netplan = .unavailable(reason)
  }
}

/// A line of a configuration file, printed as `FILE:LINE`.
public struct ConfigurationLine: Sendable, Hashable, CustomStringConvertible {
  public var file: String
  /// The line number, counted from 1.
  public var line: Int

  public init(_ file: String, _ line: Int) {
    self.file = file
    self.line = line
  }

  public var description: String { "\(file):\(line)" }
}

/// One word of a list in a configuration file.
public struct ConfigurationWord: Sendable, Hashable {
  public var text: String
  public var origin: ConfigurationLine

  public init(_ text: String, _ origin: ConfigurationLine) {
    self.text = text
    self.origin = origin
  }
}

/// The configuration of NetworkManager that decides which devices it manages (NetworkManager.conf(5)).
public struct NetworkManagerSettings: Sendable, Equatable {
  /// `unmanaged-devices` of `[keyfile]`.
  public var unmanaged: [ConfigurationWord] = []
  /// The `[device]` sections that set `managed`, the one with the highest precedence first.
  public var sections: [DeviceSection] = []
  /// `no-auto-default` of `[main]`, and the devices that NetworkManager itself excludes.
  public var noAutoDefault: [ConfigurationWord] = []
  /// Whether interfaces with a stanza in /etc/network/interfaces are unmanaged (the plugin ifupdown).
  public var leavesInterfacesFile = false
  /// The interfaces that a udev rule excludes (`NM_UNMANAGED`).
  public var unmanagedByUdev: Set<String> = []
  public var profiles: Observed<[ConnectionProfile]> = .known([])

  public init() {}

  /// A section `[device…]`.
  public struct DeviceSection: Sendable, Equatable {
    /// `match-device`; nil if the section matches every device.
    public var match: [ConfigurationWord]?
    public var isManaged: Bool
    /// The line that sets `managed`.
    public var origin: ConfigurationLine

    public init(match: [ConfigurationWord]?, isManaged: Bool, origin: ConfigurationLine) {
      self.match = match
      self.isManaged = isManaged
      self.origin = origin
    }
  }
}

/// A connection profile of NetworkManager for a NIC (nm-settings-keyfile(5)).
public struct ConnectionProfile: Sendable, Equatable {
  public var file: String
  /// Whether the profile is for InfiniBand, not Ethernet.
  public var isInfiniBand: Bool
  public var isAutomatic: Bool
  public var interface: String?
  public var mac: MACAddress?
  /// The keys that restrict the profile to certain devices in another way.
  public var otherConditions: [String]

  public init(
    file: String, isInfiniBand: Bool = false, isAutomatic: Bool = true, interface: String? = nil,
    mac: MACAddress? = nil, otherConditions: [String] = []
  ) {
    self.file = file
    self.isInfiniBand = isInfiniBand
    self.isAutomatic = isAutomatic
    self.interface = interface
    self.mac = mac
    self.otherConditions = otherConditions
  }
}

/// A .network file of systemd-networkd (systemd.network(5)).
public struct NetworkFile: Sendable, Equatable {
  public var path: String
  /// The conditions of `[Match]`. A file without any matches no interface.
  public var conditions: [Condition]
  /// Whether systemd-networkd leaves the interfaces alone (`Unmanaged=yes` of `[Link]`).
  public var isUnmanaged: Bool

  public init(path: String, conditions: [Condition], isUnmanaged: Bool = false) {
    self.path = path
    self.conditions = conditions
    self.isUnmanaged = isUnmanaged
  }

  /// A key of `[Match]` with its words. A word that starts with `!` excludes what it matches.
  public struct Condition: Sendable, Equatable {
    public var key: String
    public var words: [String]
    public var origin: ConfigurationLine

    public init(key: String, words: [String], origin: ConfigurationLine) {
      self.key = key
      self.words = words
      self.origin = origin
    }
  }
}

/// A line of interfaces(5) that names interfaces.
public struct InterfacesLine: Sendable, Equatable {
  public enum Kind: Sendable {
    /// `auto` or `allow-…`: the interfaces are brought up at boot or when they appear.
    case activation
    case iface, mapping
    /// `bridge_ports` and similar: the ports of another interface.
    case ports
  }

  public var kind: Kind
  /// The interface that the stanza of the line is for; nil for lines of no stanza.
  public var stanza: String?
  /// The names or, for `activation`, also patterns.
  public var names: [String]
  public var origin: ConfigurationLine

  public init(kind: Kind, stanza: String? = nil, names: [String], origin: ConfigurationLine) {
    self.kind = kind
    self.stanza = stanza
    self.names = names
    self.origin = origin
  }
}

/// An entry of `ethernets` of netplan.
public struct NetplanEntry: Sendable, Equatable {
  public var name: String
  /// Nil if the entry is for the interface of its name.
  public var match: NetplanMatch?
  public var origin: ConfigurationLine

  public init(name: String, match: NetplanMatch? = nil, origin: ConfigurationLine) {
    self.name = name
    self.match = match
    self.origin = origin
  }
}

/// `match` of a netplan entry. Without any key it matches every Ethernet interface.
public struct NetplanMatch: Sendable, Equatable {
  public var name: String?
  public var mac: MACAddress?
  public var drivers: [String]

  public init(name: String? = nil, mac: MACAddress? = nil, drivers: [String] = []) {
    self.name = name
    self.mac = mac
    self.drivers = drivers
  }
}
