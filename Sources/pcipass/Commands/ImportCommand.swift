import ArgumentParser
import Documents
import Glibc
import HostModel
import Hosts
import Manifests
import Planning
import Reporting

struct ImportCommand: ParsableCommand {
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

  @OptionGroup var sight: SightOptions

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
    if !qmp.isEmpty, sight.state != nil || !sight.options.isLive {
      throw ValidationError("--qmp asks a QEMU of this host: a snapshot has those that it was made with")
    }
  }

  func run() throws {
    let state =
      qmp.isEmpty
      ? try sight.look([]).state : try sight.options.observe(try sight.options.open(asking: qmp))
    if !qmp.isEmpty { sight.options.warnOfPending() }
    // What was asked for by name and is not known is no absence.
    let problems = qmp.compactMap { monitor in
      monitor.problem(state.qemu.value?.first { $0.name == monitor.socket })
    }
    guard problems.isEmpty else { throw fail(problems) }
    if let reason = state.libvirt.reason {
      warn([
        Diagnostic(
          .warning, code: "unavailable", "what libvirt's guests have is not known, and left out: \(reason)")
      ])
    }
    var options = Import.Options(host: sight.options.host ?? state.host)
    options.includesFree = free
    options.users = Dictionary(qmp.compactMap { one in one.user.map { (one.socket, $0) } }) { one, _ in one }
    let result = Import(state, options)
    let text = ImportText(result, on: state)
    if let out {
      try write(result, text, to: out)
      Terminal.write(text.summary)
      if !result.host.spec.nics.isEmpty { Terminal.writeNext("Next: pcipass plan \(shellWord(out))") }
    } else {
      Terminal.write(([text.host] + result.guests.map(text.text)).joined(separator: "---\n"))
      Terminal.writeError(text.summary)
    }
  }

  /// All of the files or none.
  private func write(_ result: Import, _ text: ImportText, to folder: String) throws {
    let files =
      [("hosts/\(result.host.name).yaml", text.host)]
      + result.guests.map { ("guests/\($0.name).yaml", text.text($0)) }
    let paths = files.map { "\(folder)/\($0.0)" }
    let present = paths.filter { access($0, F_OK) == 0 }
    if !force, !present.isEmpty {
      throw fail(
        present.map {
          Diagnostic(
            code: "exists", "\($0) is there already",
            help: "choose another folder, or overwrite it by --force")
        })
    }
    for name in [folder, folder + "/hosts", folder + "/guests"]
    where mkdir(name, 0o755) != 0 && errno != EEXIST {
      throw fail("unwritable", "\(name) cannot be made: \(String(cString: strerror(errno)))")
    }
    for (path, file) in zip(paths, files) {
      try orFailAtOnce { () throws(Diagnostic) in try writeFile(file.1, to: path, isReplacing: force) }
      Terminal.write("wrote \(printable(path))\n")
    }
  }
}

extension QEMUMonitor {
  /// `SOCKET` or `SOCKET,user=NAME`.
  static func parse(_ text: String) throws -> QEMUMonitor {
    let parts = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    var user: String?
    if parts.count == 2 {
      guard parts[1].hasPrefix("user="), isUserName(String(parts[1].dropFirst(5))) else {
        throw ValidationError("'\(printable(parts[1]))' is not user=NAME")
      }
      user = String(parts[1].dropFirst(5))
    }
    guard isSocketPath(parts[0]) else {
      throw ValidationError(
        "'\(printable(parts[0]))' is no absolute path of a socket, of at most 107 characters")
    }
    return QEMUMonitor(socket: parts[0], user: user)
  }
}
