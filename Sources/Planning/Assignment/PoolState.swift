import HostModel

/// The members of a pool, and what has each.
public struct PoolState: Sendable, Equatable {
  public var name: String
  /// The members in the order of their addresses; empty if the pool is refused.
  public var members: [MemberState]
  /// The number of members that stay available for guests that are on another host.
  public var kept: Int
  /// Whether it is unknown which the members are.
  public var isRefused: Bool

  public struct MemberState: Sendable, Equatable {
    public var reference: String
    public var address: PCIAddress
    /// The PF of a VF, or the member itself.
    public var port: PCIAddress
    public var numaNode: Int?
    /// Nil if it is available.
    public var holder: Occupant?
  }

  /// What has a member.
  public enum Occupant: Sendable, Equatable {
    case guest(String, nic: String)
    /// Anything that is not a claim of the manifests, in words.
    case other(String)
  }
}
