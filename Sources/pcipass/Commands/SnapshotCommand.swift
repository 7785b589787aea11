import ArgumentParser
import Documents
import HostModel
import Manifests

struct SnapshotCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot",
    abstract: "Print what is observed of this host, as JSON.",
    discussion: """
      Plans can be made from it anywhere (plan --state), and a simulated host starts from it (--simulate).

      Only manifests tell of guests that run without libvirt.

      EXIT STATUS:
        0  printed; what could not be read is said
        1  an error

      EXAMPLES:
        pcipass snapshot > hv01.json
        pcipass snapshot fleet/ > hv01.json     with the QEMUs that these name
      """)

  @OptionGroup var options: HostOptions

  @Argument(help: "Files and folders of manifests whose QEMUs are asked, too.", completion: .manifests)
  var paths: [String] = []

  func run(on terminal: Terminal) throws -> ExitStatus {
    let guests = paths.isEmpty ? [] : try Fleet.load(paths).guests
    let state = try options.observe(try options.open(for: Managers(of: guests)), on: terminal)
    options.warnOfPending(on: terminal)
    terminal.write(HostState.form.encode(state).text + "\n")
    for left in state.unreadable { terminal.writeError("warning: \(printable(left))\n") }
    return .success
  }
}
