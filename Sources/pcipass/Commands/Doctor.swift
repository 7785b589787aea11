import ArgumentParser
import HostModel
import Hosts
import Planning
import Reporting

struct DoctorCommand: ParsableCommand {
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

  @OptionGroup var sight: SightOptions

  @Option(help: "How it is printed.")
  var format = ListFormat.text

  @Argument(
    help: ArgumentHelp("Files and folders of manifests.", valueName: "path"),
    completion: .manifests)
  var paths: [String] = []

  func run() throws {
    let seen = try sight.look(paths, isRemembering: canRemember)
    let diagnosis = Doctor.examine(seen.state, sight.survey(seen))
    switch format {
    case .text: Terminal.write(DoctorText(style: Terminal.output).text(diagnosis))
    case .json: Terminal.write(DoctorJSON.text(diagnosis))
    }
    if diagnosis.hasFindings { throw ExitCode.findings }
  }

  /// A state folder that is not as it should be is a finding, and keeps nobody from looking at the rest.
  private var canRemember: Bool {
    if case .refused = SurveyReader.condition(of: sight.options.stateFolder) { false } else { true }
  }
}
