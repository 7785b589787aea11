import Documents
import Files
import Glibc
import HostModel
import SystemPackage

/// The result of reading a host.
public struct HostReadResult: Sendable {
  public var state: HostState
  /// A warning for each entry of `/sys/bus/pci` and each file that was ignored because it is not valid.
  public var warnings: [Diagnostic]
}

/// Reads the state of a host: of this machine, or of a tree of files that was captured or generated.
public struct HostReader: Sendable {
  private let root: String
  private let hostName: String?
  /// Runs the netlink requests, each of which may block, in helper processes.
  private let helper = KernelHelper()
  /// The stored identities of functions. Another process may have changed the file since the reader was
  /// created.
  public var identities: IdentityStore
  /// The domains, as libvirt last reported them.
  public var libvirt: Observed<[GuestState]>
  /// The guests without libvirt, as their QEMU processes last reported them.
  public var qemu: Observed<[GuestState]>
  /// The libvirt networks that assign VFs; nil if they were not read.
  public var networks: Observed<[HostdevNetwork]>?

  /// - Parameters:
  ///   - root: `/`, or a folder that contains `sys`, `proc` and so on.
  ///   - hostName: a name to use instead of that of the kernel.
  ///   - identities: the stored identities of its functions.
  ///   - libvirt: the domains, which the caller reads.
  ///   - qemu: the guests without libvirt, which the caller reads.
  public init(
    root: String = "/", hostName: String? = nil, identities: IdentityStore = IdentityStore(),
    libvirt: Observed<[GuestState]>, qemu: Observed<[GuestState]>
  ) {
    self.root = root
    self.hostName = hostName
    self.identities = identities
    self.libvirt = libvirt
    self.qemu = qemu
  }

  /// Reads the state of the host.
  ///
  /// - Parameters:
  ///   - wanted: the functions to read; nil for all. If only some are read, the variants of vfio-pci are not
  ///     looked up.
  ///   - names: the names of the hardware if they are known; nil to read them from pci.ids.
  ///   - before: if given, processes are not scanned for open devices, and the holders of functions are taken
  ///     from this state.
  /// - Throws: if the list of PCI functions or the name of the host cannot be read. Anything else that cannot
  ///   be read is recorded in the state.
  public func read(
    only wanted: Set<PCIAddress>? = nil, names: [PCIID: String]? = nil, holdersSince before: HostState? = nil
  ) throws(Diagnostics) -> HostReadResult {
    let tree: Tree
    do { tree = try Tree(root) } catch { throw unreadable(root, error.description) }
    let scratch = Scratch(capacity: 128 << 10)
    let host = try name(tree, scratch)
    let machine = KernelReader.firstLine("etc/machine-id", tree, scratch).value.flatMap(MachineID.hashed)
    let kernel = KernelReader.read(tree, scratch)
    let pass = try FunctionScan(tree, only: wanted)
    let interfaces = InterfaceClass(tree, scratch)
    var read = pass.read(interfaces.places)
    VFReader.resolve(&read)
    let slots = SlotReader(tree, scratch)
    slots.resolve(&read)
    let functions = finish(
      read, interfaces, tree, scratch, kernel, names: names, isAll: wanted == nil, holdersSince: before)
    return HostReadResult(
      state: HostState(
        host: host, machine: machine, kernel: kernel, functions: functions, libvirt: libvirt, qemu: qemu,
        networks: networks),
      warnings: pass.warnings + slots.warnings + Self.warnings(of: read))
  }

  /// A warning for each file that was ignored.
  private static func warnings(of functions: [FunctionRecord]) -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    for index in functions.indices where !functions[index].ignored.all.isEmpty {
      let address = functions[index].value.address
      warnings += functions[index].ignored.all.map {
        Diagnostic(.warning, code: "bad-value", "\(address) \($0); it is ignored")
      }
    }
    return warnings
  }

  private func name(_ tree: borrowing Tree, _ scratch: Scratch) throws(Diagnostics) -> String {
    if let hostName { return hostName }
    let path = "proc/sys/kernel/hostname"
    let way = "name the host with --host NAME"
    switch KernelReader.firstLine(path, tree, scratch) {
    case .known(let name):
      if isName(name, "._-", upTo: 253) { return name }
      throw unreadable(tree.name(of: path), "\(name.debugDescription) is not a host name", help: way)
    case .unavailable(let reason): throw Diagnostics(code: "unreadable", reason, help: way)
    }
  }

  /// Completes the functions with what depends on other functions.
  private func finish(
    _ read: [FunctionRecord], _ interfaces: consuming InterfaceClass, _ tree: borrowing Tree,
    _ scratch: Scratch, _ kernel: Kernel, names known: [PCIID: String]?, isAll: Bool,
    holdersSince before: HostState?
  ) -> [PCIFunction] {
    var read = read
    VFReader.readSettings(&read, interfaces.places, tree, scratch, helper)
    let infiniBand = InfiniBandFiles(tree, interfaces.places, scratch)
    let couldBeHeld =
      !infiniBand.functions.isEmpty
      || hasVFIODriver(kernel) && read.contains { HolderReader.couldBeHeld($0.value) }
    let hasInterfaces = read.contains { !$0.interfaces.isEmpty || $0.value.mayHaveInterface }
    // The processes are scanned once for all functions. Open files are part of the scan also because a
    // network namespace may exist only by an open file.
    let looksForFiles = before == nil && (couldBeHeld || hasInterfaces && tree.isLive)
    let scan =
      looksForFiles || hasInterfaces && tree.isLive
      ? ProcessScan(tree, looksForFiles: looksForFiles, scratch) : nil
    if hasInterfaces {
      let network = network(of: read, interfaces, scan, tree, scratch, kernel)
      for index in read.indices {
        let (own, address) = (read[index].interfaces, read[index].value.address)
        read[index].value.interfaces = network.interfaces(own, of: address)
      }
    }
    if let before {
      for index in read.indices { read[index].value.holders = holders(of: read[index].value, since: before) }
    } else if couldBeHeld, let scan {
      let holders = HolderReader(scan, infiniBand, tree, scratch)
      for index in read.indices { read[index].value.holders = holders.holders(of: read[index].value) }
    }
    var functions = read.map(\.value)
    let names = known ?? HardwareNames.read(Set(functions.map(\.id)), tree, scratch)
    let remembered = identities.matching(functions)
    for index in functions.indices {
      functions[index].name = names[functions[index].id]
      functions[index].remembered = remembered[functions[index].address]
    }
    NativeDrivers.resolve(&functions, looksForVariants: isAll, kernel, tree, scratch)
    return functions
  }

  private func network(
    of read: [FunctionRecord], _ interfaces: borrowing InterfaceClass, _ scan: ProcessScan?,
    _ tree: borrowing Tree, _ scratch: Scratch, _ kernel: Kernel
  ) -> InterfaceUsage {
    let roots = read.flatMap(\.interfaces)
    guard tree.isLive, let scan else {
      let graph = NetworkGraph(captured: tree, roots: roots, interfaces, scratch)
      return InterfaceUsage(graph, .none, .captured(kernel.release))
    }
    let graph = LiveNetworkReader.read(helper, scan, roots: roots, interfaces, tree, scratch)
    return InterfaceUsage(graph, sessions(tree, scratch, graph), .told)
  }

  /// The holders in `before`. They are unavailable for a function that can be held now but could
  /// not be held then, because it may have a new holder.
  private func holders(of function: PCIFunction, since before: HostState) -> Observed<[Holder]> {
    guard HolderReader.couldBeHeld(function) else { return .known([]) }
    guard let known = before[function.address], HolderReader.couldBeHeld(known) else {
      return .unavailable("the processes were not read")
    }
    return known.holders
  }

  private func sessions(_ tree: borrowing Tree, _ scratch: Scratch, _ graph: NetworkGraph) -> SSHSessions {
    let routes = LiveRoutes(Netlink(helper: helper), graph.names)
    return SSHSessions(
      tree, variable: getenv("SSH_CONNECTION").map { String(cString: $0) }, route: routes.route, scratch)
  }

  /// Whether functions may be held through VFIO. Without a registered VFIO driver that is impossible.
  private func hasVFIODriver(_ kernel: Kernel) -> Bool {
    kernel.drivers.value?.contains(where: Drivers.isVFIO) ?? true
  }
}

extension HostReader {
  /// The processes that have these functions open now. They are read again because they may have changed
  /// since the plan was made. The processes are scanned once for all functions.
  func holders(of addresses: [PCIAddress]) -> [PCIAddress: Observed<[Holder]>] {
    var result = Dictionary(
      addresses.map { ($0, Observed<[Holder]>.unavailable("\($0) no longer exists")) },
      uniquingKeysWith: { one, _ in one })
    do {
      let tree = try Tree(root)
      let functions = try FunctionScan(tree, only: Set(addresses)).read(nil)
      let scratch = Scratch(capacity: 64 << 10)
      let infiniBand = InfiniBandFiles(tree, InterfaceClass(tree, scratch).places, scratch)
      let couldBeHeld = functions.contains { infiniBand.has($0.value) || HolderReader.couldBeHeld($0.value) }
      let scan = couldBeHeld ? ProcessScan(tree, looksForFiles: true, scratch) : .empty
      let reader = HolderReader(scan, infiniBand, tree, scratch)
      for function in functions { result[function.value.address] = reader.holders(of: function.value) }
      return result
    } catch {
      let reason = (error as? Diagnostics)?.message ?? "\(error)"
      return result.mapValues { _ in .unavailable(reason) }
    }
  }
}

extension PCIFunction {
  /// Whether a native driver is bound, so that the function may have an interface in another network
  /// namespace.
  fileprivate var mayHaveInterface: Bool { deviceClass.isNetwork && Drivers.isNative(driver) }
}

/// The error with code `unreadable` for a file.
func unreadable(_ file: String, _ reason: String, help: String? = nil) -> Diagnostics {
  Diagnostics(code: "unreadable", file + ": " + reason, help: help)
}
