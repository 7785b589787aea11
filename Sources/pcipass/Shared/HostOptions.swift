import ArgumentParser
import Documents
import Glibc
import HostModel
import Hosts
import Planning

/// Which host is looked at: this one, a simulated one, or a tree of its files.
struct HostOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The host's name in the manifests, where it is not the machine's.", valueName: "name"))
  var host: String?

  @Option(
    help: ArgumentHelp(
      "A simulated host: starts from this snapshot and keeps its state there.", valueName: "file"))
  var simulate: String?

  @Option(
    name: .customLong("sysfs-root"),
    help: ArgumentHelp(
      "Read sys, proc and so on below this folder: captures and tests.", valueName: "folder"))
  var sysfsRoot: String?

  @Option(
    name: .customLong("state-dir"),
    help: ArgumentHelp("Where pcipass remembers NICs that it has seen.", valueName: "folder"))
  var stateFolder = "/var/lib/pcipass"

  @Option(
    name: .customLong("step-timeout"),
    help: ArgumentHelp("How long one write to the kernel may take.", valueName: "seconds"))
  var stepTimeout = 60

  mutating func validate() throws {
    if simulate != nil, sysfsRoot != nil {
      throw ValidationError("--simulate and --sysfs-root exclude each other")
    }
    if !(1...3600).contains(stepTimeout) { throw ValidationError("--step-timeout is 1 to 3600 seconds") }
  }

  var isLive: Bool { simulate == nil && sysfsRoot == nil }

  /// The host to look at, and to change where it is not only a tree of files.
  func open() throws -> any Host {
    try orFail { () throws(Diagnostics) in
      if let simulate {
        let state = try HostState.read(simulate)
        return SimulatedHost(state, path: simulate == "-" ? nil : simulate)
      }
      let reader = HostReader(
        root: sysfsRoot ?? "/", hostName: host,
        libvirt: .unavailable("this version of pcipass does not ask libvirt"),
        qemu: .unavailable("this version of pcipass does not ask QEMU"))
      return LiveHost(
        reader: reader, stateFolder: isLive ? stateFolder : nil, deadline: .seconds(stepTimeout))
    }
  }

  func observe(_ host: any Host) throws -> HostState { try orFail(host.observe) }

  /// For commands that change the host.
  func checkChangeable() throws {
    if sysfsRoot != nil {
      throw ValidationError("a tree of files cannot be changed: --sysfs-root is for plan and snapshot")
    }
  }

  /// A plan is for one host, and done on no other.
  func check(_ plan: Plan, isFor state: HostState) throws {
    let name = host ?? state.host
    guard plan.host == name else {
      throw fail("wrong-host", "this plan is for \(plan.host), and this host is \(name)")
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
