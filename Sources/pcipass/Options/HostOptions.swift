import ArgumentParser
import Documents
import Glibc
import HostModel
import Manifests

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

  /// This machine's name in the manifests.
  var hostName: String {
    if let host { return host }
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// For commands with `--state`: a snapshot takes the place of any other host.
  func check(excluding snapshot: String?) throws(ValidationError) {
    if snapshot != nil, !isLive {
      throw ValidationError("--state, --simulate and --sysfs-root exclude each other")
    }
  }

  /// For commands that change the host: throws where it cannot be changed.
  func checkChangeable() throws(ValidationError) {
    if sysfsRoot != nil {
      throw ValidationError("a tree of files cannot be changed: --sysfs-root is for plan and snapshot")
    }
    if simulate == "-" {
      throw ValidationError("a simulated host from standard input keeps nothing: it is for plan and snapshot")
    }
  }
}
