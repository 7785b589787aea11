import ArgumentParser
import Documents
import Glibc
import HostModel
import Manifests

/// The host of a command: this machine, a simulated host, or a captured file tree.
struct HostOptions: ParsableArguments {
  @Option(
    name: .customLong("host"),
    help: ArgumentHelp(
      """
      The name of the host in the manifests, if it is not the name of the machine. plan, status and import \
      accept it several times with --state FOLDER.
      """,
      valueName: "name"))
  var hosts: [String] = []

  @Option(
    help: ArgumentHelp(
      "Use a simulated host: start from this snapshot and save its state there.", valueName: "file"),
    completion: .snapshots)
  var simulate: String?

  @Option(
    name: .customLong("sysfs-root"),
    help: ArgumentHelp(
      "Read a captured file tree instead of the host: sys, proc and so on under this folder.",
      valueName: "folder"),
    completion: .directory)
  var sysfsRoot: String?

  @Option(
    name: .customLong("state-dir"),
    help: ArgumentHelp(
      "The folder of journals and recorded NICs. Default: /var/lib/pcipass, or FILE.state with --simulate FILE.",
      valueName: "folder"), completion: .directory)
  var stateDirectory: String?

  @Option(
    help: ArgumentHelp(
      "The libvirt connection URI. Default: that of the Guest manifests, or the default of libvirt.",
      valueName: "uri"))
  var connect: String?

  @Option(
    name: .customLong("step-timeout"),
    help: ArgumentHelp(
      "The time limit for one kernel write or one answer of libvirt or QEMU, 1 to 3600 s.",
      valueName: "seconds"))
  var stepTimeout = 60

  @Option(
    name: .customLong("unplug-timeout"),
    help: ArgumentHelp(
      "The time limit for a running guest to release a device, 1 to 3600 s.", valueName: "seconds"))
  var unplugTimeout = 20

  mutating func validate() throws {
    for host in hosts where !isName(host, "._-", upTo: 253) {
      throw ValidationError(
        "'\(printable(host))' is not a host name: letters, digits, '.', '_' and '-', at most 253")
    }
    if simulate != nil, sysfsRoot != nil {
      throw ValidationError("--simulate and --sysfs-root exclude each other")
    }
    if !(1...3600).contains(stepTimeout) { throw ValidationError("--step-timeout must be 1 to 3600 seconds") }
    if !(1...3600).contains(unplugTimeout) {
      throw ValidationError("--unplug-timeout must be 1 to 3600 seconds")
    }
    if let connect, !isConnectionURI(connect) {
      throw ValidationError("'\(printable(connect))' is not a libvirt URI such as qemu:///system")
    }
  }

  /// The name of the host, where only one is allowed.
  var host: String? { hosts.first }

  /// Throws `usage` if several hosts are named for a command that accepts only one.
  func requireOneHost() throws(Diagnostics) {
    guard hosts.count > 1 else { return }
    throw Diagnostics(
      code: "usage", "--host is given \(hosts.count) times, but there is only one host",
      help: "plan several hosts from a folder of snapshots: pcipass plan --state FOLDER")
  }

  var stateFolder: String { stateDirectory ?? simulate.map { $0 + ".state" } ?? "/var/lib/pcipass" }

  var isLive: Bool { simulate == nil && sysfsRoot == nil }

  /// The name of the host in the manifests.
  var hostName: String {
    if let host { return host }
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Checks the options of a command with `--state`: a snapshot excludes any other host.
  func check(excluding snapshot: String?) throws(ValidationError) {
    if snapshot != nil, !isLive {
      throw ValidationError("--state, --simulate and --sysfs-root exclude each other")
    }
  }

  /// Checks the options of a command that changes the host: throws if the host cannot be changed.
  func checkChangeable() throws(ValidationError) {
    if sysfsRoot != nil {
      throw ValidationError("--sysfs-root cannot be changed: use it with commands that only read")
    }
    if simulate == "-" {
      throw ValidationError(
        "a simulated host from standard input cannot be changed: use it with commands that only read")
    }
  }
}
