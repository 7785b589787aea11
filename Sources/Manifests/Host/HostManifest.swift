import Documents
import HostModel

/// A Host document: the host's NICs that may be assigned. No other NIC is ever changed.
public struct HostManifest: Sendable, Equatable {
  public var metadata: Metadata
  public var spec: Spec

  public init(metadata: Metadata, spec: Spec) {
    self.metadata = metadata
    self.spec = spec
  }

  /// What the host may assign.
  public struct Spec: Sendable, Equatable {
    /// The HostClass whose entries the host has too.
    public var hostClass: Located<String>?
    /// The passthrough driver of all NICs that do not name one.
    public var driver: Located<PassthroughDriver>?
    public var nics: [HostNIC]
    public var pools: [NICPool]

    public init(
      hostClass: Located<String>? = nil, driver: Located<PassthroughDriver>? = nil, nics: [HostNIC] = [],
      pools: [NICPool] = []
    ) {
      self.hostClass = hostClass
      self.driver = driver
      self.nics = nics
      self.pools = pools
    }
  }

  public var name: String { metadata.name.value }
}

/// The name of a document and its labels. pcipass shows labels and does not interpret them.
public struct Metadata: Sendable, Equatable {
  public var name: Located<String>
  public var labels: [String: String]

  public init(name: Located<String>, labels: [String: String] = [:]) {
    self.name = name
    self.labels = labels
  }
}

/// A NIC that may be assigned to guests.
public struct HostNIC: Sendable, Equatable {
  public var name: Located<String>
  /// The conditions that select the function. Exactly one function must match.
  public var select: Located<Selector>
  /// The required hardware. A plan is refused where the hardware differs.
  public var expect: Located<Expectation>?
  /// The passthrough driver of this NIC, if it differs from that of the host.
  public var driver: Located<PassthroughDriver>?
  /// Whether the function stays on the passthrough driver while no guest claims it.
  public var reserve: Bool
  /// The VFs that the NIC is split into. Nil leaves its VFs unchanged.
  public var virtualFunctions: Located<VirtualFunctions>?
  /// The guards whose violations are allowed for this NIC.
  public var allow: [Allowance]
  /// The reason for `allow`; required with it.
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

/// A guard whose violations a manifest may allow for a NIC. `because` contains the reason.
public enum Allowance: String, CaseIterable, Sendable {
  /// The host itself uses the NIC for its network: a route, an address, a bridge, a bond.
  case hostNetwork = "host-network"
  /// Another tool owns the function: a DPDK driver, a `driver_override` that another tool set, or a
  /// hostdev without the ownership mark.
  case ownership
}
