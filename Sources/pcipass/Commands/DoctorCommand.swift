import ArgumentParser
import Documents
import Execution
import HostModel
import Hosts
import Planning
import Reporting

struct DoctorCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check whether this host is ready for NIC passthrough, and show how to fix it.",
    discussion: """
      doctor changes nothing. Each finding has a code, which docs/doctor.md explains. A check has the result \
      unknown if its facts are not recorded in the snapshot or the captured file tree.

      EXIT STATUS:
        0  no findings
        1  an error
        2  errors or warnings were found

      EXAMPLES:
        pcipass doctor
        pcipass doctor fleet/                 also check their QEMU guests
        pcipass doctor --format json | jq .checks
        pcipass doctor --state hv01.json      check what is recorded in a snapshot
      """)

  @OptionGroup var observation: ObservationOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "The output format.")
  var format = FormatArgument<TextOrJSON>.text

  @Argument(
    help: ArgumentHelp("Manifest files and folders.", valueName: "path"),
    completion: .manifests)
  var paths: [String] = []

  var outputFormat: OutputFormat { format.format }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let observed = try observation.observed(paths, isRemembering: canRemember, on: terminal)
    let diagnosis = Doctor.examine(
      observed.host, observation.survey(observed), alsoAssigned: recorded)
    let rendering = Rendering(
      text: { terminal.wrapped(DoctorText(style: terminal.outputStyle).text(diagnosis)) },
      json: { DoctorJSON.form.encode(diagnosis).text + "\n" })
    try terminal.write(rendering, as: format.format)
    return diagnosis.hasFindings ? .findings : .success
  }

  /// The functions that guests are to have after the next boot. A record that cannot be read is reported by the
  /// commands that need it.
  private var recorded: Set<PCIAddress> {
    guard observation.hasJournals, let record = try? BootStore(observation.options.stateFolder).load() else {
      return []
    }
    return Set(record.entries.filter { $0.guest != nil }.map(\.address))
  }

  /// Whether the state folder can be used. An unusable folder is only a finding, and does not stop
  /// the other checks.
  private var canRemember: Bool {
    if case .refused = SurveyReader.condition(of: observation.options.stateFolder) { false } else { true }
  }
}
