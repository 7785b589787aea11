import HostModel

/// The interfaces of one or more network namespaces, their addresses and uses, and the interfaces above them.
struct NetworkGraph {
  /// Identifies an interface: names are unique within a namespace.
  struct InterfaceID: Hashable {
    /// The inode number of the namespace; 0 for the current one, in which pcipass runs or the tree
    /// was captured.
    var namespace: UInt64 = 0
    var name: String
  }

  /// The addresses and the uses of an interface.
  struct Interface {
    var kind: HostUse.Kind?
    /// Nil if it equals the current address, or is not known.
    var permanentMAC: MACAddress?
    var altnames: [String] = []
    /// The addresses with prefix lengths, for messages. Link-local IPv6 addresses are left out: every
    /// interface that is up has one, so it is not a sign of use.
    private(set) var addresses: [String] = []
    /// All addresses, including link-local ones.
    private(set) var all: Set<IPAddress> = []
    /// Uses other than addresses: routes, XDP, PPPoE.
    var uses: [HostUse] = []
    /// Remarks on programs that read or send through it, which are not uses.
    var remarks: [String] = []
    /// The interfaces directly above it.
    var uppers: [InterfaceID] = []

    mutating func add(_ address: IPAddress, length: Int?) {
      all.insert(address)
      if !address.isLinkLocal { addresses.append("\(address)" + (length.map { "/\($0)" } ?? "")) }
    }
  }

  var interfaces: [InterfaceID: Interface] = [:]
  /// The names of the other namespaces, for messages.
  var labels: [UInt64: String] = [:]
  /// The interfaces of functions in other namespaces.
  var moved: [PCIAddress: [MovedInterface]] = [:]
  /// Why the graph may be incomplete; nil if it is complete.
  var problem: String?

  /// The interface names of the current namespace, by index.
  var names: [Int: String] = [:]

  /// The interfaces of the current namespace, by name.
  var own: [String: Interface] {
    Dictionary(
      interfaces.filter { $0.key.namespace == 0 }.map { ($0.key.name, $0.value) },
      uniquingKeysWith: { first, _ in first })
  }
}

/// An interface of a function in another network namespace.
struct MovedInterface {
  var node: NetworkGraph.InterfaceID
  var link: LinkRecord
}
