import ArgumentParser
import Documents
import HostModel

struct Snapshot: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot",
    abstract: "Print what is observed of this host, as JSON.",
    discussion: """
      Plans can be made from it anywhere (plan --state), and a simulated host starts from it (--simulate).

        pcipass snapshot > hv01.json
      """)

  @OptionGroup var options: HostOptions

  func run() throws {
    let state = try options.observe(try options.open())
    Terminal.write(HostState.form.encode(state).text + "\n")
    for left in state.unreadable { Terminal.writeError("warning: \(printable(left))\n") }
  }
}
