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
    commandName: "import", abstract: "Write manifests for what guests have now, however they got it.",
    discussion: """
      A plan of what is written changes nothing, or only marks what was given by hand. What cannot be written so is left \
      out, and said. Files that are there are not overwritten without --force.

      EXIT STATUS:
        0  written
        1  an error, files are there already, or a QEMU of --qmp cannot be asked; nothing is written

      EXAMPLES:
        pcipass import                            print them
        pcipass import --out fleet/               into hosts/ and guests/ there
        pcipass import --free                     with NICs that could be handed out
        pcipass import --qmp /run/qemu/web.sock   with a guest without libvirt
      """)

  @OptionGroup var observation: ObservationOptions

  @Option(
    help: ArgumentHelp(
      "A QEMU without libvirt, by its QMP socket, and whose process it is where that is not root.",
      valueName: "socket[,user=name]"),
    transform: QEMUMonitor.parse)
  var qmp: [QEMUMonitor] = []

  @Flag(help: "Also name the NICs that could be handed out.")
  var free = false

  @Option(
    help: ArgumentHelp("Write files into this folder instead of printing them.", valueName: "folder"),
    completion: .directory)
  var out: String?

  @Flag(help: "Overwrite files that are there.")
  var force = false

  mutating func validate() throws {
    if force, out == nil { throw ValidationError("--force is for --out") }
    if !qmp.isEmpty, observation.state != nil || !observation.options.isLive {
      throw ValidationError("--qmp asks a QEMU of this host: a snapshot has those that it was made with")
    }
  }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let host = try observed(on: terminal)
    let state = host.state
    if let reason = state.libvirt.reason {
      terminal.warn([
        Diagnostic(
          .warning, code: "unavailable", "what libvirt's guests have is not known, and left out: \(reason)")
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
    // A QEMU that was named in the command and does not answer is an error.
    let problems = qmp.compactMap { monitor in
      monitor.problem(state.qemu.value?.first { $0.name == monitor.socket })
    }
    guard problems.isEmpty else { throw Diagnostics(problems) }
    return HostIndex(state)
  }

  /// Writes all of the files; where one exists already, none of them.
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
            code: "exists", "\($0) is there already",
            help: "choose another folder, or overwrite it by --force")
        })
    }
    for name in [folder, folder + "/hosts", folder + "/guests"]
    where mkdir(name, 0o755) != 0 && errno != EEXIST {
      throw Diagnostics(
        code: "unwritable", "\(name) cannot be made: \(String(cString: strerror(errno)))")
    }
    for (path, file) in zip(paths, files) {
      try writeFile(file.1, to: path, isReplacing: force)
      terminal.write("wrote \(printable(path))\n")
    }
  }
}
