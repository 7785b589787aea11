import Documents
import Files
import Glibc
import HostModel
import SystemPackage

/// What reading a host gave: its state, and what the state has no place for.
public struct Reading: Sendable {
  public var state: HostState
  /// Entries that were left out.
  public var warnings: [Diagnostic]
}

/// Reads a host: the machine itself, or a tree that was captured or generated.
public struct HostReader: Sendable {
  private let root: String
  private let hostName: String?
  /// Asks the kernel for what a read could hang in.
  private let helper = KernelHelper()
  /// What was remembered of its functions; others may have learnt more since the reader was made.
  public var identities: IdentityStore
  /// What libvirt said when it was last asked.
  public var libvirt: Observed<[GuestState]>
  /// What QEMU's own processes said then.
  public var qemu: Observed<[GuestState]>
  /// The networks by which libvirt assigns VFs itself; nil where it was not asked.
  public var networks: Observed<[HostdevNetwork]>?

  /// - Parameters:
  ///   - root: `/`, or a folder that holds `sys`, `proc` and so on.
  ///   - hostName: what the host is called instead of what its kernel says.
  ///   - identities: what was remembered of its functions.
  ///   - libvirt: what libvirt says; it is asked elsewhere.
  ///   - qemu: what QEMU's own processes say.
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

  /// - Throws: where there is no list of PCI functions or no name for the host. Everything else that cannot
  ///   be read is said in the state.
  ///
  /// - Parameters:
  ///   - wanted: the functions to read; nil is all of them. Of some, it is not looked up which variant of vfio-pci they have.
  ///   - names: what hardware is called, where that is known.
  ///   - before: not nil where no processes are looked at: who has functions open is taken from there.
  public func read(
    only wanted: Set<PCIAddress>? = nil, names: [PCIID: String]? = nil, holdersSince before: HostState? = nil
  ) throws(Diagnostics) -> Reading {
    let tree: Tree
    do { tree = try Tree(root) } catch { throw unreadable(root, error.description) }
    let scratch = Scratch(capacity: 128 << 10)
    let host = try name(tree, scratch)
    let machine = KernelReader.firstLine("etc/machine-id", tree, scratch).value.flatMap(MachineID.hashed)
    let kernel = KernelReader.read(tree, scratch)
    let pass = try FunctionPass(tree, only: wanted)
    let interfaces = InterfaceClass(tree, scratch)
    let read = pass.read(interfaces.places)
    let functions = finish(
      read, interfaces, tree, scratch, kernel, names: names, isAll: wanted == nil, holdersSince: before)
    return Reading(
      state: HostState(
        host: host, machine: machine, kernel: kernel, functions: functions, libvirt: libvirt, qemu: qemu,
        networks: networks),
      warnings: pass.warnings)
  }

  private func name(_ tree: borrowing Tree, _ scratch: Scratch) throws(Diagnostics) -> String {
    if let hostName { return hostName }
    let path = "proc/sys/kernel/hostname"
    let way = "give the host's name with --host"
    switch KernelReader.firstLine(path, tree, scratch) {
    case .known(let name):
      if isName(name, "._-", upTo: 253) { return name }
      throw unreadable(tree.name(of: path), "\(name.debugDescription) is no host's name", help: way)
    case .unavailable(let reason): throw Diagnostics(code: "unreadable", reason, help: way)
    }
  }

  /// What can only be said once all functions were read.
  private func finish(
    _ read: [ReadFunction], _ interfaces: consuming InterfaceClass, _ tree: borrowing Tree,
    _ scratch: Scratch, _ kernel: Kernel, names known: [PCIID: String]?, isAll: Bool,
    holdersSince before: HostState?
  ) -> [PCIFunction] {
    var read = read
    VirtualFunctions.resolve(&read)
    VirtualFunctions.tellSettings(&read, interfaces.places, tree, scratch, helper)
    let infiniBand = InfiniBandFiles(tree, interfaces.places, scratch)
    let couldBeHeld =
      !infiniBand.functions.isEmpty
      || mayHaveHolders(kernel) && read.contains { HolderReader.couldBeHeld($0.value) }
    let hasInterfaces = read.contains { !$0.interfaces.isEmpty || $0.value.mayHaveInterface }
    // One look at the processes for all. A network namespace may be kept by nothing but an open file.
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
    HostDrivers.resolve(&functions, looksForVariants: isAll, kernel, tree, scratch)
    return functions
  }

  private func network(
    of read: [ReadFunction], _ interfaces: borrowing InterfaceClass, _ scan: ProcessScan?,
    _ tree: borrowing Tree, _ scratch: Scratch, _ kernel: Kernel
  ) -> Network {
    let roots = read.flatMap(\.interfaces)
    guard tree.isLive, let scan else {
      let graph = NetworkGraph(captured: tree, roots: roots, interfaces, scratch)
      return Network(graph, .none, .captured(kernel.release))
    }
    let graph = LiveNetwork.read(helper, scan, roots: roots, interfaces, tree, scratch)
    return Network(graph, sessions(tree, scratch, graph), .told)
  }

  /// What was known before. A function that could not be held then, and could be now, may have got a holder since.
  private func holders(of function: PCIFunction, since before: HostState) -> Observed<[Holder]> {
    guard HolderReader.couldBeHeld(function) else { return .known([]) }
    guard let known = before[function.address], HolderReader.couldBeHeld(known) else {
      return .unavailable("no processes were looked at")
    }
    return known.holders
  }

  private func sessions(_ tree: borrowing Tree, _ scratch: Scratch, _ graph: NetworkGraph) -> SSHSessions {
    let routes = LiveRoutes(Netlink(helper: helper), graph.names)
    return SSHSessions(
      tree, variable: getenv("SSH_CONNECTION").map { String(cString: $0) }, route: routes.route, scratch)
  }

  /// Without a driver of VFIO's, nobody can hold anything.
  private func mayHaveHolders(_ kernel: Kernel) -> Bool {
    kernel.drivers.value?.contains(where: Drivers.opensVFIO) ?? true
  }
}

extension HostReader {
  /// The processes that use functions now, looked up again: what was not there at planning may be now. One look at the
  /// processes is for all of them.
  func holders(of addresses: [PCIAddress]) -> [PCIAddress: Observed<[Holder]>] {
    var result = Dictionary(
      addresses.map { ($0, Observed<[Holder]>.unavailable("\($0) is gone")) },
      uniquingKeysWith: { one, _ in one })
    do {
      let tree = try Tree(root)
      let functions = try FunctionPass(tree, only: Set(addresses)).read(nil)
      let scratch = Scratch(capacity: 64 << 10)
      let infiniBand = InfiniBandFiles(tree, InterfaceClass(tree, scratch).places, scratch)
      let couldBeHeld = functions.contains { infiniBand.has($0.value) || HolderReader.couldBeHeld($0.value) }
      let scan = couldBeHeld ? ProcessScan(tree, looksForFiles: true, scratch) : .ofNone
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
  /// A driver of the host has it, so that it may have an interface that is not to be seen here.
  fileprivate var mayHaveInterface: Bool { deviceClass.isNetwork && Drivers.isHosts(driver) }
}

func unreadable(_ file: String, _ reason: String, help: String? = nil) -> Diagnostics {
  Diagnostics(code: "unreadable", file + ": " + reason, help: help)
}
