import Documents
import HostModel
import Planning

extension PoolStatus {
  static let form = OutputForm<PoolStatus>.record(
    "PoolStatus", "How many members a pool has, and how many of them are free.",
    [
      OutputField("pool", \.name, .text, "The pool, or the NIC whose VFs are claimed as a pool."),
      OutputField(
        "unavailable", \.unavailable, optional: .text,
        "Why it is unknown which the members are, or what has some of them."),
    ]
      + MemberCounts.keys.map { key in
        OutputField(
          key.name, { $0.counts?[keyPath: key.path] }, optional: .count,
          key.about + " Absent where it is unknown which the members are.")
      } + [
        OutputField(
          "nodes", { $0.hasNodes ? $0.nodes ?? [] : [] }, .list(of: NodeCounts.form),
          "The members by NUMA node; empty where the nodes are unknown."),
        OutputField(
          "others", \.others, .list(of: PoolUser.form), "The members that something other than a claim has."),
      ])
}

extension PoolStatus.NodeCounts {
  fileprivate static let form = OutputForm<PoolStatus.NodeCounts>.record(
    "PoolNode", "The members of a pool on one NUMA node.",
    [OutputField("numaNode", \.number, optional: .count, "The node; absent where it is unknown.")]
      + MemberCounts.keys.map { key in
        OutputField(key.name, { $0.counts[keyPath: key.path] }, .count, key.about)
      })
}

extension PoolStatus.PoolUser {
  fileprivate static let form = OutputForm<PoolStatus.PoolUser>.record(
    "PoolMemberInUse", "A member of a pool that something other than a claim has.",
    [
      OutputField("nic", \.reference, .text, "The name of the member."),
      OutputField("address", \.address, PCIAddress.form.output, "The function."),
      OutputField("because", \.because, .text, "What has it, as a sentence."),
    ])
}

extension MemberCounts {
  /// One number, as documents name it.
  struct Key: Sendable {
    let name: String
    let path: any KeyPath<MemberCounts, Int> & Sendable
    let about: String
  }

  /// The numbers of the states. Each member counts in one of them.
  static let states = [
    Key(name: "assigned", path: \.assigned, about: "Members that are assigned to claims of the manifests."),
    Key(name: "kept", path: \.kept, about: "Free members that are kept for guests that are on another host."),
    Key(name: "used", path: \.used, about: "Members that something other than a claim has."),
    Key(name: "free", path: \.free, about: "Members that a new claim can get."),
    Key(name: "unknown", path: \.unknown, about: "Members of which it is unknown whether they are free."),
  ]

  static let keys = [Key(name: "members", path: \.members, about: "All members.")] + states
}
