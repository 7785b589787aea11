import ArgumentParser
import Documents
import HostModel
import Manifests

struct SnapshotCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot",
    abstract: "Print the state of this host as JSON.",
    discussion: """
      A snapshot is the input of plan --state on any machine, and the initial state of a simulated host \
      (--simulate). Guests that run without libvirt are included only if a manifest names them.

      EXIT STATUS:
        0  printed, also where a part could not be read
        1  an error

      EXAMPLES:
        pcipass snapshot > hv01.json
        pcipass snapshot fleet/ > hv01.json     include their QEMU guests
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var output: OutputOptions

  @Argument(
    help: "Manifest files and folders. The snapshot includes their QEMU guests.", completion: .manifests)
  var paths: [String] = []

  func run(on terminal: Terminal) throws -> ExitStatus {
    let manifests = paths.isEmpty ? LoadedManifests(Fleet()) : try LoadedManifests(Loader.load(paths))
    let state = try options.observe(try options.open(for: Managers(of: manifests.fleet)), on: terminal)
    _ = try manifests.fleet(on: options.host ?? state.host, terminal)
    options.warnOfPending(on: terminal)
    terminal.write(HostState.form.encode(state).text + "\n")
    for left in state.unreadable { terminal.writeError("warning: \(printable(left))\n") }
    return .success
  }
}
