import HostModel
import Manifests

/// How many members a pool has, or a NIC whose VFs are claimed as a pool, and how many of them are free.
public struct PoolStatus: Sendable, Equatable {
  public var name: String
  /// The members by NUMA node, ascending; last those without a known node. Nil if it is unknown which the
  /// members are.
  public var nodes: [NodeCounts]?
  /// The reason why something about the members is unknown.
  public var unavailable: String?
  /// The members that something other than a claim has.
  public var others: [PoolUser] = []

  public init(name: String, nodes: [NodeCounts]?) {
    self.name = name
    self.nodes = nodes
  }

  /// The members on one NUMA node.
  public struct NodeCounts: Sendable, Equatable {
    /// Nil if the node is unknown, as on a host with one node.
    public var number: Int?
    public var counts: MemberCounts

    public init(number: Int?, counts: MemberCounts) {
      self.number = number
      self.counts = counts
    }
  }

  /// A member that something other than a claim has.
  public struct PoolUser: Sendable, Equatable {
    public var reference: String
    public var address: PCIAddress
    /// What has it, as a sentence.
    public var because: String
  }

  /// All members; nil if it is unknown which they are.
  public var counts: MemberCounts? {
    nodes?.reduce(into: MemberCounts()) { result, node in result += node.counts }
  }

  /// Whether the NUMA node of a member is known.
  public var hasNodes: Bool { nodes?.contains { $0.number != nil } ?? false }
}

/// The members of a pool by what has them. Each member counts once.
public struct MemberCounts: Sendable, Equatable {
  /// Assigned to claims of the manifests.
  public var assigned = 0
  /// Free, and kept for guests that are on another host.
  public var kept = 0
  /// Used by anything that is no claim of the manifests.
  public var used = 0
  /// A new claim can get it.
  public var free = 0
  /// It is unknown whether it is free.
  public var unknown = 0

  public init(assigned: Int = 0, kept: Int = 0, used: Int = 0, free: Int = 0, unknown: Int = 0) {
    self.assigned = assigned
    self.kept = kept
    self.used = used
    self.free = free
    self.unknown = unknown
  }

  public var members: Int { assigned + kept + used + free + unknown }

  static func += (result: inout MemberCounts, other: MemberCounts) {
    result.assigned += other.assigned
    result.kept += other.kept
    result.used += other.used
    result.free += other.free
    result.unknown += other.unknown
  }
}
