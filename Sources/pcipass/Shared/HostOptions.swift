import ArgumentParser
import Documents
import Execution
import Glibc
import HostModel
import Hosts
import Manifests
import Planning

/// Which host is looked at: this one, a simulated one, or a tree of its files.
struct HostOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The host's name in the manifests, where it is not the machine's.", valueName: "name"))
  var host: String?

  @Option(
    help: ArgumentHelp(
      "A simulated host: starts from this snapshot and keeps its state there.", valueName: "file"),
    completion: .snapshots)
  var simulate: String?

  @Option(
    name: .customLong("sysfs-root"),
    help: ArgumentHelp(
      "Read sys, proc and so on below this folder: captures and tests.", valueName: "folder"),
    completion: .directory)
  var sysfsRoot: String?

  @Option(
    name: .customLong("state-dir"),
    help: ArgumentHelp(
      "Where pcipass keeps its journals, and remembers NICs that it has seen: /var/lib/pcipass, or FILE.state beside a simulated host's FILE.",
      valueName: "folder"), completion: .directory)
  var stateDirectory: String?

  @Option(
    help: ArgumentHelp(
      "libvirt's connection URI, where neither a Guest's nor the library's default is meant.",
      valueName: "uri"))
  var connect: String?

  @Option(
    name: .customLong("step-timeout"),
    help: ArgumentHelp(
      "How long one write to the kernel, or one answer of libvirt's or QEMU's, may take.",
      valueName: "seconds"))
  var stepTimeout = 60

  @Option(
    name: .customLong("unplug-timeout"),
    help: ArgumentHelp(
      "How long a running guest may take to let a device go.", valueName: "seconds"))
  var unplugTimeout = 20

  mutating func validate() throws {
    if let host, !isName(host, "._-", upTo: 253) {
      throw ValidationError(
        "'\(printable(host))' is no host's name: letters, digits, '.', '_' and '-', at most 253")
    }
    if simulate != nil, sysfsRoot != nil {
      throw ValidationError("--simulate and --sysfs-root exclude each other")
    }
    if !(1...3600).contains(stepTimeout) { throw ValidationError("--step-timeout is 1 to 3600 seconds") }
    if !(1...3600).contains(unplugTimeout) { throw ValidationError("--unplug-timeout is 1 to 3600 seconds") }
    if let connect, !isConnectionURI(connect) {
      throw ValidationError("'\(printable(connect))' is no libvirt URI such as qemu:///system")
    }
  }

  var stateFolder: String { stateDirectory ?? simulate.map { $0 + ".state" } ?? "/var/lib/pcipass" }

  var isLive: Bool { simulate == nil && sysfsRoot == nil }

  /// The host to look at, and to change where it is not only a tree of files.
  ///
  /// - Parameters:
  ///   - managers: those of guests, which may say which libvirt is theirs, or which QEMU.
  ///   - lock: the descriptor of the host's lock, to be held as long as something is being written.
  ///   - monitors: those of QEMUs that no manifest names yet.
  ///   - isRemembering: whether what was seen of NICs before is looked up.
  ///   - trace: told of what is written and run.
  func open(
    for managers: Managers = Managers(), asking monitors: [QEMUMonitor] = [], lock: CInt? = nil,
    isRemembering: Bool = true, trace: @escaping LiveHost.Trace = { _, _ in }
  ) throws -> any Host {
    try orFail { () throws(Diagnostics) in
      if let simulate {
        let state = try HostState.read(simulate)
        return SimulatedHost(state, path: simulate == "-" ? nil : simulate)
      }
      let reader = HostReader(
        root: sysfsRoot ?? "/", hostName: host, libvirt: .unavailable("libvirt was not asked"),
        qemu: .unavailable("QEMU was not asked"))
      if sysfsRoot != nil { return LiveHost(tree: reader) }
      return LiveHost(
        reader: reader, stateFolder: isRemembering ? stateFolder : nil, libvirt: uri(of: managers),
        monitors: self.monitors(of: managers) + monitors,
        timeouts: Timeouts(step: .seconds(stepTimeout), unplug: .seconds(unplugTimeout)), lock: lock,
        trace: trace)
    }
  }

  /// All guests of a host name the same, where they name one.
  func uri(of managers: Managers) -> String? {
    let name = managers.host ?? hostName
    return connect ?? managers.libvirt
      ?? managers.guests.lazy.filter { $0.host == name }.compactMap(\.spec.libvirt?.uri).first
  }

  /// The same, with that which the library takes from its environment: what a journal records.
  func recordedURI(of managers: Managers) -> String? {
    guard isLive else { return nil }
    let variable = getenv("LIBVIRT_DEFAULT_URI").map { String(cString: $0) }
    return uri(of: managers) ?? variable.flatMap { isConnectionURI($0) ? $0 : nil }
  }

  /// The QEMUs that the manifests name on this host; nothing else tells of them.
  private func monitors(of managers: Managers) -> [QEMUMonitor] {
    let here = managers.guests.filter { $0.spec.qemu != nil }
    guard !here.isEmpty else { return [] }
    let name = managers.host ?? hostName
    return here.filter { $0.host == name }.compactMap(\.spec.qemu)
      .map { QEMUMonitor(socket: $0.qmp, user: $0.user) }
  }

  /// This machine's name in the manifests.
  var hostName: String {
    if let host { return host }
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  func observe(_ host: any Host) throws -> HostState {
    Terminal.showWaiting("reading the host")
    defer { Terminal.endWaiting() }
    return try orFail(host.observe)
  }

  /// For commands that change the host.
  func checkChangeable() throws {
    if sysfsRoot != nil {
      throw ValidationError("a tree of files cannot be changed: --sysfs-root is for plan and snapshot")
    }
    if simulate == "-" {
      throw ValidationError("a simulated host from standard input keeps nothing: it is for plan and snapshot")
    }
  }

  /// A plan is done on the machine that it is for, and on no other.
  func check(_ plan: Plan, isFor state: HostState) throws {
    try check(plan.belonging(on: state, named: host), of: plan, state)
  }

  func check(_ journal: Journal, isFor state: HostState) throws {
    try check(journal.belonging(on: state, named: host), of: journal.header.plan, state)
  }

  private func check(_ belonging: Plan.Belonging, of plan: Plan, _ state: HostState) throws {
    switch belonging {
    case .here: return
    case .toOtherMachine:
      throw fail(
        "wrong-host", "this plan is for another machine: that which was \(plan.host) when it was made",
        help: "machine-id(5) tells machines apart, whatever they are called; make a new plan here")
    case .toOtherName:
      throw fail("wrong-host", "this plan is for \(plan.host), and this host is \(host ?? state.host)")
    }
  }
}

extension HostState {
  /// A snapshot from a file, or all that is wrong with it.
  static func read(_ path: String) throws(Diagnostics) -> HostState {
    let (node, source) = try document(path)
    return try form.value(of: node, from: source)
  }

  private static func document(_ path: String) throws(Diagnostics) -> (Node, Source) {
    do throws(Diagnostic) {
      let source = try Source.file(path)
      return (try JSONReader.document(of: source), source)
    } catch {
      throw Diagnostics([error])
    }
  }
}
