import Documents

/// An online NUMA node of the host and its online CPUs.
public struct NUMANode: Sendable, Equatable {
  /// The number of the node.
  public var node: Int
  /// The CPUs of the node; empty for a node that has only memory.
  public var cpus: NumberRanges

  public init(node: Int, cpus: NumberRanges) {
    self.node = node
    self.cpus = cpus
  }

  static let form = Form<NUMANode>.record(
    "NUMANode", "A NUMA node of the host.",
    Field("node", \.node, number, "The number of the node."),
    Field("cpus", \.cpus, NumberRanges.form, "The CPUs of the node; empty if the node has only memory."),
    make: NUMANode.init)

  /// The number of a node.
  static let number = Form<Int>.integer(0...NumberRanges.largest)
}

extension [NUMANode] {
  /// The nodes with these numbers, ascending; nil if they are all nodes of the host, or if the host has none of
  /// them.
  public func restricted(to numbers: NumberRanges) -> [Int]? {
    part(of: self) { numbers.contains($0.node) }
  }

  /// The nodes that have any of these CPUs, ascending. Nil if they are all nodes with CPUs, or if no node has
  /// such a CPU.
  public func restricted(toNodesOf cpus: NumberRanges) -> [Int]? {
    part(of: filter { !$0.cpus.isEmpty }) { $0.cpus.overlaps(cpus) }
  }

  private func part(of all: [NUMANode], _ isWanted: (NUMANode) -> Bool) -> [Int]? {
    let found = all.filter(isWanted)
    return found.isEmpty || found.count == all.count ? nil : found.map(\.node).sorted()
  }
}
