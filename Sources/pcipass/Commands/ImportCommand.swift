import ArgumentParser
import Documents
import Files
import Glibc
import HostModel
import Hosts
import Manifests
import Planning
import Reporting
import SystemPackage

struct ImportCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Write manifests for the NICs that guests have now.",
    discussion: """
      import reads the guests of this host and writes a Host and Guest manifests for their NICs. A plan of \
      these manifests changes nothing, or only adds the mark of pcipass to NICs that were assigned without \
      it. What a manifest cannot express is left out and reported. Existing files are not overwritten \
      without --force.

      With a folder of snapshots (--state FOLDER, with a file NAME.json for each host), import writes \
      manifests for all hosts. Hosts that are alike become one HostClass. A plan only adds the mark; what a \
      plan would change in another way is left out and reported.

      EXIT STATUS:
        0  the manifests are written
        1  an error: nothing was written, except the hosts of a folder whose snapshots could be read

      EXAMPLES:
        pcipass import                            print the manifests
        pcipass import --out fleet/               write hosts/ and guests/ there
        pcipass import --free                     also list available NICs
        pcipass import --qmp /run/qemu/web.sock   also import a guest without libvirt
        pcipass import --state snapshots/ --out fleet   import all hosts of a fleet
      """)

  @OptionGroup var observation: ObservationOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "Import a QEMU guest without libvirt: its QMP socket, and the user of its process if it is not root. Can be repeated.",
      valueName: "socket[,user=name]"),
    transform: QEMUMonitor.parse)
  var qmp: [QEMUMonitor] = []

  @Flag(help: "Also list the available NICs in the Host manifest.")
  var free = false

  @Option(
    help: ArgumentHelp("Write files to this folder instead of printing the manifests.", valueName: "folder"),
    completion: .directory)
  var out: String?

  @Flag(help: "Overwrite existing files.")
  var force = false

  mutating func validate() throws {
    if force, out == nil { throw ValidationError("--force needs --out") }
    if !qmp.isEmpty, observation.state != nil || !observation.options.isLive {
      throw ValidationError("--qmp queries a QEMU of this host, so it cannot be used with a snapshot")
    }
  }

  func run(on terminal: Terminal) throws -> ExitStatus {
    if let state = observation.state, SnapshotFolder(state) != nil {
      return try importFleet(state, on: terminal)
    }
    let host = try observed(on: terminal)
    let state = host.state
    if let reason = state.libvirt.reason {
      terminal.warn([
        Diagnostic(
          .warning, code: "unavailable",
          "libvirt guests are left out, because their devices are unknown: \(reason)")
      ])
    }
    var options = Import.Options(host: observation.options.host ?? state.host)
    options.includesFree = free
    options.users = Dictionary(qmp.compactMap { one in one.user.map { (one.socket, $0) } }) { one, _ in one }
    let result = Import(host, options)
    let text = ImportText(result, on: state)
    if let out {
      try write(result, text, to: out, on: terminal)
      terminal.write(text.summary)
      if !result.host.spec.nics.isEmpty { terminal.writeNext("Next: pcipass plan \(shellWord(out))") }
    } else {
      terminal.write(([text.host] + result.guests.map(text.text)).joined(separator: "---\n"))
      terminal.writeError(text.summary)
    }
    return .success
  }

  private func observed(on terminal: Terminal) throws(Diagnostics) -> HostIndex {
    let options = observation.options
    guard !qmp.isEmpty else { return try observation.observed([], on: terminal).host }
    let state = try options.observe(try options.open(asking: qmp), on: terminal)
    options.warnOfPending(on: terminal)
    // An unavailable QEMU is an error if the command line names it.
    let problems = qmp.compactMap { monitor in
      monitor.problem(state.qemu.value?.first { $0.name == monitor.socket })
    }
    guard problems.isEmpty else { throw Diagnostics(problems) }
    return HostIndex(state)
  }

  /// Writes all files, or none of them if one exists already.
  private func write(
    _ result: Import, _ text: ImportText, to folder: String, on terminal: Terminal
  ) throws(Diagnostics) {
    let files =
      [("hosts/\(result.host.name).yaml", text.host)]
      + result.guests.map { ("guests/\($0.name).yaml", text.text($0)) }
    let paths = files.map { "\(folder)/\($0.0)" }
    let present = paths.filter { access($0, F_OK) == 0 }
    if !force, !present.isEmpty {
      throw Diagnostics(
        present.map {
          Diagnostic(
            code: "exists", "\($0) already exists",
            help: "choose another folder, or overwrite the file: --force")
        })
    }
    for name in [folder, folder + "/hosts", folder + "/guests"]
    where mkdir(name, 0o755) != 0 && errno != EEXIST {
      throw Diagnostics(
        code: "unwritable", "\(name) cannot be created: \(String(cString: strerror(errno)))")
    }
    for (path, file) in zip(paths, files) {
      try writeFile(file.1, to: path, isReplacing: force)
      terminal.write("wrote \(printable(path))\n")
    }
  }
}
