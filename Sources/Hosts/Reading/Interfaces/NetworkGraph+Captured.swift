import Files
import HostModel
import SystemPackage

extension NetworkGraph {
  /// The graph of the network namespace in which a tree was captured.
  init(
    captured tree: borrowing Tree, roots: [InterfaceRecord], _ interfaces: borrowing InterfaceClass,
    _ scratch: Scratch
  ) {
    let routes = CapturedRoutes(tree, scratch)
    problem = routes.problem
    do throws(CaptureFailure) {
      for (name, interface) in try CapturedAddresses.read(tree) {
        self.interfaces[InterfaceID(name: name)] = interface
      }
    } catch {
      problem = problem ?? error.reason
      readIPv6Addresses(tree, scratch)
    }
    for (name, routes) in routes.byInterface {
      let node = InterfaceID(name: name)
      let addresses = self.interfaces[node]?.addresses ?? []
      var uses = RouteUses(by: name, addresses: addresses)
      for route in routes { uses.add(route) }
      self.interfaces[node, default: Interface()].uses += uses.uses
    }
    try? tree.networkFile(PPPoESessions.file).lines(upTo: 1 << 20, scratch) { line in
      if let (name, use) = PPPoESessions.use(line) {
        self.interfaces[InterfaceID(name: name), default: Interface()].uses.append(use)
      }
      return true
    }
    climb(from: roots, interfaces, DeviceFolders(try? SharedFolder(tree.folder("sys/devices"))), scratch)
  }

  private mutating func readIPv6Addresses(_ tree: borrowing Tree, _ scratch: Scratch) {
    do {
      for (name, addresses) in try IPv6Addresses.read(tree, scratch) {
        for (address, length) in addresses {
          interfaces[InterfaceID(name: name), default: Interface()].add(address, length: length)
        }
      }
    } catch { problem = problem ?? tree.name(of: "proc/net/if_inet6") + ": " + error.description }
  }

  /// Finds the interfaces above those of functions, from sysfs.
  private mutating func climb(
    from roots: [InterfaceRecord], _ interfaces: borrowing InterfaceClass, _ devices: consuming DeviceFolders,
    _ scratch: Scratch
  ) {
    var queue: [String] = []
    var seen = Set(roots.map(\.name))
    func note(_ uppers: [String], above name: String, kind: HostUse.Kind? = nil) {
      let node = InterfaceID(name: name)
      self.interfaces[node, default: Interface()].uppers = uppers.map { InterfaceID(name: $0) }
      if let kind { self.interfaces[node]?.kind = kind }
      queue += uppers.filter { seen.insert($0).inserted }
    }
    for root in roots { note(root.uppers ?? [], above: root.name) }
    while let name = queue.popLast() {
      if let found = interfaces.upper(name, &devices, scratch) {
        note(found.uppers, above: name, kind: found.kind)
      }
    }
  }
}
