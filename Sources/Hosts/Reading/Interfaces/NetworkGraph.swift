import HostModel

/// Interfaces of one or more network namespaces, what each has, and which are above it.
struct NetworkGraph {
  /// An interface: names are unique within a namespace.
  struct Node: Hashable {
    /// The number of the namespace; 0 is the own one.
    var namespace: UInt64 = 0
    var name: String
  }

  struct Interface {
    var kind: HostUse.Kind?
    /// Nil where it is the same as the address, or not known.
    var permanentMAC: MACAddress?
    /// With their lengths, link-local ones of IPv6 left out: every interface that is up has one, and no use is made of it
    /// by that alone.
    private(set) var addresses: [String] = []
    private(set) var all: Set<IPAddress> = []
    /// Routes by it, XDP, PPPoE.
    var uses: [HostUse] = []
    /// What reads or sends by it and is no use.
    var remarks: [String] = []
    var uppers: [Node] = []

    mutating func add(_ address: IPAddress, length: Int?) {
      all.insert(address)
      if !address.isLinkLocal { addresses.append("\(address)" + (length.map { "/\($0)" } ?? "")) }
    }
  }

  var interfaces: [Node: Interface] = [:]
  /// What other namespaces are called.
  var labels: [UInt64: String] = [:]
  /// Interfaces of functions that are in other namespaces.
  var moved: [PCIAddress: [MovedInterface]] = [:]
  /// Why there may be more.
  var problem: String?

  /// What the own namespace's are called, by their numbers.
  var names: [Int: String] = [:]

  /// The own namespace's, by their names.
  var own: [String: Interface] {
    Dictionary(
      interfaces.filter { $0.key.namespace == 0 }.map { ($0.key.name, $0.value) },
      uniquingKeysWith: { first, _ in first })
  }
}

/// The interface of a function that is in another network namespace.
struct MovedInterface {
  var node: NetworkGraph.Node
  var link: LinkRecord
}
