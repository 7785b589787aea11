import Files
import Glibc
import HostModel
import SystemPackage

/// Reads the interfaces of functions in all network namespaces from the running kernel, and all interfaces
/// above them.
struct LiveNetworkReader {
  /// An interface, identified by its namespace and its index.
  struct InterfaceKey: Hashable {
    var namespace: UInt64
    var index: Int
  }

  /// A network namespace that was entered.
  struct Namespace {
    var netlink: Netlink
    var file: NamespaceFile
    var links: [Int: LinkRecord]
    /// The inode numbers of other namespaces, by the ids that this one has for them.
    var ids: [Int32: UInt64] = [:]

    init(_ netlink: Netlink, _ file: NamespaceFile) throws(Netlink.Failure) {
      (self.netlink, self.file) = (netlink, file)
      links = Dictionary(
        try netlink.links().map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
    }
  }

  private let helper: KernelHelper
  /// The inode number of the current namespace. In the graph that namespace has the number 0.
  private let ownNumber: UInt64
  var namespaces: [UInt64: Namespace] = [:]
  var uppers: [InterfaceKey: Set<InterfaceKey>] = [:]
  var graph = NetworkGraph()

  static let own: UInt64 = 0
  /// The number of scans after which a namespace that vanishes each time is skipped.
  private static let rounds = 3

  /// - Parameters:
  ///   - scan: a scan of the processes, which shows the namespaces.
  ///   - again: repeats the scan, because processes may have ended in the meantime.
  ///   - roots: the interfaces of functions in the current namespace.
  ///   - uppers: the names of the interfaces that sysfs shows above one of the current namespace.
  ///   - function: the function that a device is, or belongs to.
  init(
    _ helper: KernelHelper, _ scan: ProcessScan, again: () -> ProcessScan, roots: [InterfaceRecord],
    uppers: (String) -> [String], function: (LinkRecord.ParentDevice) -> PCIAddress?
  ) {
    self.helper = helper
    ownNumber = Self.ownNamespaceNumber() ?? Self.own
    do throws(Netlink.Failure) {
      namespaces[Self.own] = try Namespace(
        Netlink(helper: helper), NamespaceFile(path: "/proc/\(getpid())/ns/net", number: ownNumber))
    } catch {
      graph.problem = "cannot read the interfaces of the host: \(error)"
      return
    }
    graph.names = (namespaces[Self.own]?.links ?? [:]).mapValues(\.name)
    enterAll(scan, again)
    stack(sysfs: uppers, roots)
    let found = reach(roots, function)
    for (number, indexes) in found.sorted(by: { $0.key < $1.key }) { readInterfaces(indexes, of: number) }
  }

  /// Reads the graph of the running kernel.
  static func read(
    _ helper: KernelHelper, _ scan: ProcessScan, roots: [InterfaceRecord],
    _ interfaces: borrowing InterfaceClass,
    _ tree: borrowing Tree, _ scratch: Scratch
  ) -> NetworkGraph {
    // `uppers` is read in advance, because the closures below cannot capture borrowed values.
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
    return LiveNetworkReader(
      helper, scan, again: { ProcessScan.namespacesOfThisMachine() }, roots: roots,
      uppers: { uppers[$0] ?? [] },
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

  private static func ownNamespaceNumber() -> UInt64? {
    (try? Stat("/proc/self/ns/net")).map { UInt64($0.inode.rawValue) }
  }

  /// Records a problem. Only the first one is kept.
  mutating func fail(_ problem: String) { graph.problem = graph.problem ?? problem }

  // MARK: Namespaces

  /// Enters all namespaces. A process may have ended in the meantime while others keep its namespace; then
  /// the processes are scanned again.
  private mutating func enterAll(_ scan: ProcessScan, _ again: () -> ProcessScan) {
    var scan = scan
    if let problem = scan.problem { fail("some network namespaces are not visible: \(problem)") }
    for round in 1...Self.rounds {
      var left: [NetworkNamespace] = []
      for found in scan.namespaces.values.sorted(by: { $0.number < $1.number })
      where found.number != ownNumber && namespaces[found.number] == nil {
        do throws(Netlink.Failure) {
          if try !enter(found) { left.append(found) }
        } catch {
          fail("cannot enter the network namespace \(found.label): \(error)")
          // The other namespaces would take as long until their deadlines.
          if error.isTimeout { return }
        }
      }
      if left.isEmpty { return }
      guard round < Self.rounds else {
        return fail("the network namespace \(left[0].label) kept disappearing and returning")
      }
      scan = again()
    }
  }

  /// - Returns: false if the namespace does not exist any more.
  private mutating func enter(_ found: NetworkNamespace) throws(Netlink.Failure) -> Bool {
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

  /// The inode number of the namespace to which another one assigns this id; nil if it is not one
  /// of those entered.
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
        if !error.isGone {
          fail("cannot read the links of \(graph.labels[number] ?? "this network namespace"): \(error)")
        }
      }
    }
    return nil
  }
}
