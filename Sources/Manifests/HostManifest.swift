import Documents
import HostModel

/// A host and the NICs of it that may be handed out: the allow-list.
public struct HostManifest: Sendable, Equatable {
  public var metadata: Metadata
  public var spec: Spec

  public init(metadata: Metadata, spec: Spec) {
    self.metadata = metadata
    self.spec = spec
  }

  public struct Spec: Sendable, Equatable {
    /// The driver of all NICs that do not name one.
    public var driver: Located<PassthroughDriver>?
    public var nics: [HostNIC]

    public init(driver: Located<PassthroughDriver>? = nil, nics: [HostNIC]) {
      self.driver = driver
      self.nics = nics
    }
  }

  public var name: String { metadata.name.value }
}

public struct Metadata: Sendable, Equatable {
  public var name: Located<String>
  public var labels: [String: String]

  public init(name: Located<String>, labels: [String: String] = [:]) {
    self.name = name
    self.labels = labels
  }
}

/// One NIC that may be handed out.
public struct HostNIC: Sendable, Equatable {
  public var name: Located<String>
  public var select: Located<Selector>
  public var expect: Located<Expectation>?
  public var driver: Located<PassthroughDriver>?
  /// Stays on the passthrough driver even while no guest claims it.
  public var reserve: Bool
  public var virtualFunctions: Located<VirtualFunctions>?
  /// Guards that this NIC may pass, and why.
  public var allow: [Allowance]
  public var because: String?

  public init(
    name: Located<String>, select: Located<Selector>, expect: Located<Expectation>? = nil,
    driver: Located<PassthroughDriver>? = nil, reserve: Bool = false,
    virtualFunctions: Located<VirtualFunctions>? = nil, allow: [Allowance] = [], because: String? = nil
  ) {
    self.name = name
    self.select = select
    self.expect = expect
    self.driver = driver
    self.reserve = reserve
    self.virtualFunctions = virtualFunctions
    self.allow = allow
    self.because = because
  }
}

/// Which function a NIC is. All that is given must hold.
public struct Selector: Sendable, Hashable {
  public var address: PCIAddress?
  public var mac: MACAddress?
  public var interface: String?
  public var path: String?
  public var serial: String?

  public init(
    address: PCIAddress? = nil, mac: MACAddress? = nil, interface: String? = nil, path: String? = nil,
    serial: String? = nil
  ) {
    self.address = address
    self.mac = mac
    self.interface = interface
    self.path = path
    self.serial = serial
  }
}

/// What the hardware must be; other hardware there stops the plan.
public struct Expectation: Sendable, Equatable {
  public var id: PCIID?
  public var vendor: PCIIDHalf?
  public var device: PCIIDHalf?
  public var driver: String?

  public init(
    id: PCIID? = nil, vendor: PCIIDHalf? = nil, device: PCIIDHalf? = nil, driver: String? = nil
  ) {
    self.id = id
    self.vendor = vendor
    self.device = device
    self.driver = driver
  }
}

public struct VirtualFunctions: Sendable, Equatable {
  public var count: Int

  public init(count: Int) { self.count = count }
}

/// Guards that a manifest may let a NIC pass, because somebody may have a good reason.
public enum Allowance: String, CaseIterable, Sendable {
  /// The host itself uses the NIC: a route, an address, a bridge, a bond.
  case hostNetwork = "host-network"
  /// Another tool has the function: a userspace driver, a driver override of its own, an unmarked hostdev.
  case foreignOwner = "foreign-owner"
}
