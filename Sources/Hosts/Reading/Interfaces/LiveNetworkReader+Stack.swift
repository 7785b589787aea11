import HostModel

/// Determines which interfaces are stacked on which, across network namespaces.
extension LiveNetworkReader {
  /// Fills `uppers` from the links of all namespaces, and from sysfs for the current one.
  mutating func stack(sysfs: (String) -> [String], _ roots: [InterfaceRecord]) {
    for (number, namespace) in namespaces.sorted(by: { $0.key < $1.key }) {
      for link in namespace.links.values {
        let key = InterfaceKey(namespace: number, index: link.index)
        if let master = link.master {
          uppers[key, default: []].insert(InterfaceKey(namespace: number, index: master))
        }
        guard let lower = link.lower else { continue }
        let below = lower.namespace.map { self.namespace($0, of: number) } ?? number
        if let below { uppers[InterfaceKey(namespace: below, index: lower.index), default: []].insert(key) }
      }
    }
    // Some kinds of interfaces show their lower interfaces only in sysfs.
    guard let links = namespaces[Self.own]?.links else { return }
    let numbers = Dictionary(
      links.values.map { ($0.name, $0.index) }, uniquingKeysWith: { first, _ in first })
    var queue = roots.map(\.name)
    var seen = Set(queue)
    while let name = queue.popLast() {
      for upper in sysfs(name) {
        if let below = numbers[name], let above = numbers[upper] {
          uppers[InterfaceKey(namespace: Self.own, index: below), default: []]
            .insert(InterfaceKey(namespace: Self.own, index: above))
        }
        if seen.insert(upper).inserted { queue.append(upper) }
      }
    }
  }

  /// The interfaces of functions and all interfaces above them, by namespace. The current namespace
  /// always has an entry, because an SSH session may use any of its interfaces. Interfaces of
  /// functions in other namespaces are recorded in `graph.moved`.
  mutating func reach(
    _ roots: [InterfaceRecord], _ function: (LinkRecord.ParentDevice) -> PCIAddress?
  ) -> [UInt64: Set<Int>] {
    var queue: [InterfaceKey] = []
    let names = Set(roots.map(\.name))
    for (number, namespace) in namespaces.sorted(by: { $0.key < $1.key }) {
      for link in namespace.links.values.sorted(by: { $0.index < $1.index }) {
        let key = InterfaceKey(namespace: number, index: link.index)
        if number == Self.own {
          if names.contains(link.name) { queue.append(key) }
        } else if let address = link.device.flatMap(function) {
          queue.append(key)
          graph.moved[address, default: []].append(MovedInterface(node: node(key), link: link))
        }
      }
    }
    var seen = Set(queue)
    while let key = queue.popLast() {
      for upper in uppers[key] ?? [] where seen.insert(upper).inserted { queue.append(upper) }
    }
    var result: [UInt64: Set<Int>] = [Self.own: []]
    for key in seen { result[key.namespace, default: []].insert(key.index) }
    return result
  }

  func node(_ key: InterfaceKey) -> NetworkGraph.InterfaceID {
    NetworkGraph.InterfaceID(
      namespace: key.namespace, name: namespaces[key.namespace]?.links[key.index]?.name ?? "\(key.index)")
  }
}
