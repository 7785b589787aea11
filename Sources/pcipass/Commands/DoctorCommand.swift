import ArgumentParser
import HostModel
import Hosts
import Planning
import Reporting

struct DoctorCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Is this host fit for NIC passthrough, and if not: why, and what to type?",
    discussion: """
      Nothing is changed. Each finding has a code, which docs/doctor.md explains. What a snapshot or a tree of files \
      cannot tell is unknown, not fine.

      EXIT STATUS:
        0  without findings
        1  it could not look
        2  with errors or warnings

      EXAMPLES:
        pcipass doctor
        pcipass doctor fleet/                 and asks the QEMUs that manifests name
        pcipass doctor --format json | jq .checks
        pcipass doctor --state hv01.json      as far as a snapshot tells
      """)

  @OptionGroup var observation: ObservationOptions

  @Option(help: "How it is printed.")
  var format = FormatArgument<TextOrJSON>.text

  @Argument(
    help: ArgumentHelp("Files and folders of manifests.", valueName: "path"),
    completion: .manifests)
  var paths: [String] = []

  func run(on terminal: Terminal) throws -> ExitStatus {
    let observed = try observation.observed(paths, isRemembering: canRemember, on: terminal)
    let diagnosis = Doctor.examine(observed.host, observation.survey(observed))
    let rendering = Rendering(
      text: { DoctorText(style: terminal.outputStyle).text(diagnosis) },
      json: { DoctorJSON.text(diagnosis) })
    try terminal.write(rendering, as: format.format)
    return diagnosis.hasFindings ? .findings : .success
  }

  /// A state folder that is not as it should be is a finding; the rest is examined all the same.
  private var canRemember: Bool {
    if case .refused = SurveyReader.condition(of: observation.options.stateFolder) { false } else { true }
  }
}
