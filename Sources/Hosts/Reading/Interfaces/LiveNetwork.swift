import Files
import Glibc
import HostModel
import SystemPackage

/// Reads the interfaces of all network namespaces from the running kernel: those of functions, wherever they are, and all
/// that is above them.
struct LiveNetwork {
  /// An interface, by its number.
  struct Key: Hashable {
    var namespace: UInt64
    var index: Int
  }

  struct Namespace {
    var netlink: Netlink
    var file: NamespaceFile
    var links: [Int: LinkRecord]
    /// What it calls other namespaces.
    var ids: [Int32: UInt64] = [:]

    init(_ netlink: Netlink, _ file: NamespaceFile) throws(Netlink.Failure) {
      (self.netlink, self.file) = (netlink, file)
      links = Dictionary(
        try netlink.links().map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
    }
  }

  private let helper: KernelHelper
  /// Of the own namespace, whose number is 0 in the graph.
  private let ownNumber: UInt64
  var namespaces: [UInt64: Namespace] = [:]
  var uppers: [Key: Set<Key>] = [:]
  var graph = NetworkGraph()

  static let own: UInt64 = 0
  private static let rounds = 3

  /// - Parameters:
  ///   - scan: the processes of the host, which tell of its namespaces.
  ///   - again: looks at them once more: some may have ended meanwhile.
  ///   - roots: the interfaces of functions, of the own namespace.
  ///   - uppers: what sysfs shows above an interface of the own namespace.
  ///   - function: which function a device is, or is of.
  init(
    _ helper: KernelHelper, _ scan: ProcessScan, again: () -> ProcessScan, roots: [ReadInterface],
    uppers: (String) -> [String], function: (LinkRecord.Device) -> PCIAddress?
  ) {
    self.helper = helper
    ownNumber = Self.numberOfOwn() ?? Self.own
    do throws(Netlink.Failure) {
      namespaces[Self.own] = try Namespace(
        Netlink(helper: helper), NamespaceFile(path: "/proc/\(getpid())/ns/net", number: ownNumber))
    } catch {
      graph.problem = "the interfaces of the host cannot be read: \(error)"
      return
    }
    graph.names = (namespaces[Self.own]?.links ?? [:]).mapValues(\.name)
    enterAll(scan, again)
    stack(sysfs: uppers, roots)
    let found = reach(roots, function)
    for (number, indexes) in found.sorted(by: { $0.key < $1.key }) { tell(indexes, of: number) }
  }

  static func read(
    _ helper: KernelHelper, _ scan: ProcessScan, roots: [ReadInterface],
    _ interfaces: borrowing InterfaceClass,
    _ tree: borrowing Tree, _ scratch: Scratch
  ) -> NetworkGraph {
    // Read before: what follows asks in functions that can borrow nothing.
    var uppers = Dictionary(roots.map { ($0.name, $0.uppers ?? []) }, uniquingKeysWith: { one, _ in one })
    var devices = DeviceFolders(try? SharedFolder(tree.folder("sys/devices")))
    var queue = uppers.values.joined().sorted()
    while let name = queue.popLast() {
      guard uppers[name] == nil else { continue }
      let above = interfaces.upper(name, &devices, scratch)?.uppers ?? []
      uppers[name] = above
      queue += above
    }
    let bus = try? SharedFolder(tree.folder("sys/bus"))
    return LiveNetwork(
      helper, scan, again: { ProcessScan.ofThisMachine() }, roots: roots, uppers: { uppers[$0] ?? [] },
      function: { device in
        if device.bus == "pci" { return PCIAddress(device.name) }
        guard isFileName(device.bus), isFileName(device.name),
          let folder = try? bus?.folder.folder(device.bus).folder("devices"),
          let link = try? folder.link(device.name, scratch)
        else { return nil }
        return nearestFunction(link)?.0
      }
    ).graph
  }

  private static func numberOfOwn() -> UInt64? {
    (try? Stat("/proc/self/ns/net")).map { UInt64($0.inode.rawValue) }
  }

  mutating func fail(_ problem: String) { graph.problem = graph.problem ?? problem }

  // MARK: Namespaces

  /// A process that has ended meanwhile may have left its namespace to others.
  private mutating func enterAll(_ scan: ProcessScan, _ again: () -> ProcessScan) {
    var scan = scan
    if let problem = scan.problem { fail("not all network namespaces can be seen: \(problem)") }
    for round in 1...Self.rounds {
      var left: [FoundNamespace] = []
      for found in scan.namespaces.values.sorted(by: { $0.number < $1.number })
      where found.number != ownNumber && namespaces[found.number] == nil {
        do throws(Netlink.Failure) {
          if try !enter(found) { left.append(found) }
        } catch {
          fail("the network namespace \(found.label) cannot be looked into: \(error)")
          // The others would have to be waited for as long.
          if error.isLate { return }
        }
      }
      if left.isEmpty { return }
      guard round < Self.rounds else {
        return fail("the network namespace \(left[0].label) comes and goes")
      }
      scan = again()
    }
  }

  /// - Returns: whether it is there.
  private mutating func enter(_ found: FoundNamespace) throws(Netlink.Failure) -> Bool {
    for path in found.files {
      let file = NamespaceFile(path: path, number: found.number)
      do throws(Netlink.Failure) {
        namespaces[found.number] = try Namespace(Netlink(helper: helper, namespace: file), file)
        graph.labels[found.number] = found.label
        return true
      } catch {
        if !error.isGone { throw error }
      }
    }
    return false
  }

  /// The namespace that another one has that number for; nil where it is none that is known.
  mutating func namespace(_ id: Int32, of number: UInt64) -> UInt64? {
    if let known = namespaces[number]?.ids[id] { return known }
    let known = Set((namespaces[number]?.ids ?? [:]).values)
    for (other, namespace) in namespaces.sorted(by: { $0.key < $1.key })
    where other != number && !known.contains(other) {
      do throws(Netlink.Failure) {
        guard let found = try namespaces[number]?.netlink.number(of: namespace.file) else { continue }
        namespaces[number]?.ids[found] = other
        if found == id { return other }
      } catch {
        if !error.isGone { fail("what \(graph.labels[number] ?? "this namespace") is linked to: \(error)") }
      }
    }
    return nil
  }
}
