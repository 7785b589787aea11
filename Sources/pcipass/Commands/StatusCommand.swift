import ArgumentParser
import Documents
import Execution
import Files
import HostModel
import Planning
import Reporting

struct StatusCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show whether each NIC and guest is in sync with the manifests.",
    discussion: """
      The state of a NIC or guest is in sync, drifted, blocked or unknown. For each drift, status shows \
      what differs and what plan would change. It also shows when the last change was made, and the free \
      members of each pool. With --state FOLDER it shows one line for each host, from its snapshot NAME.json.

      EXIT STATUS:
        0  in sync
        1  an error, or a part is unknown, or a host has no snapshot
        2  a part has drifted
        3  a guard blocks the plan of a part
        5  a run is interrupted
        6  an apply is waiting for confirmation

      EXAMPLES:
        pcipass status fleet/
        pcipass status fleet/ --format json
        pcipass status fleet/ --metrics pcipass.prom
        pcipass status fleet/ --state snapshots/               all hosts of a fleet
        pcipass status fleet/ --state snapshots/ --format csv  the pools of all hosts
      """)

  enum Formats: AcceptedFormats {
    static let all: [OutputFormat] = [.text, .json, .csv]
  }

  @OptionGroup var observation: ObservationOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var table: TableOptions

  @Option(help: "The output format.")
  var format = FormatArgument<Formats>.text

  @Option(
    help: ArgumentHelp(
      "Also write metrics for the textfile collector of node_exporter, atomically.",
      valueName: "file"), completion: .file())
  var metrics: String?

  @Argument(help: "Manifest files and folders; - is standard input.", completion: .manifests)
  var paths: [String]

  mutating func validate() throws {
    if metrics == "-" { throw ValidationError("--metrics requires a file name, not -") }
  }

  var outputFormat: OutputFormat { format.format }

  func run(on terminal: Terminal) throws -> ExitStatus {
    if let folder = observation.state.flatMap(SnapshotFolder.init) {
      return try runFleet(folder, on: terminal)
    }
    let runs = observation.hasJournals ? recentRuns() : nil
    let seen: (report: StatusReport, on: HostIndex)
    do { seen = try report(runs, on: terminal) } catch {
      // The metrics are still written, with the value that the host could not be observed.
      do throws(Diagnostics) { try write(nil, runs) } catch let other {
        throw Diagnostics(error.all + other.all)
      }
      throw error
    }
    let rendering = Rendering(
      text: { StatusText(style: terminal.outputStyle, width: table.width(on: terminal)).text(seen.report) },
      json: { StatusJSON.form.encode(seen.report).text + "\n" },
      csv: { StatusCSV.text([HostSummary(seen.report.status, observation.state == nil ? nil : .read)]) })
    try terminal.write(rendering, as: format.format)
    try write(seen, runs)
    return Self.status(of: seen.report)
  }

  /// The exit status for the most important state of the report. An interrupted run needs an
  /// operator.
  private static func status(of report: StatusReport) -> ExitStatus {
    var all = report.status.states.map(ExitStatus.init(of:))
    if report.pending != nil { all.append(.waiting) }
    if report.runs?.open != nil, !report.isAtWork { all.append(.needsOperator) }
    return .worst(of: all)
  }

  private func report(
    _ runs: RecentRuns?, on terminal: Terminal
  ) throws(Diagnostics) -> (StatusReport, on: HostIndex) {
    let observed = try observation.observed(paths, on: terminal)
    guard let request = observed.request else {
      throw Diagnostics(code: "usage", "status needs manifests to compare the host with")
    }
    if observation.hasJournals { observation.options.warnOfOpen(observed.host, on: terminal) }
    let resolved = ResolvedRequest(request, on: observed.host)
    let status = HostStatus(Planner.plan(resolved), of: resolved)
    let missing = notSetUp(on: observed.host, terminal)
    let isAtWork = runs?.open != nil && (try? observation.options.isAtWork()) ?? false
    let report = StatusReport(
      status, memory: remembered(status, on: terminal), runs: runs, isAtWork: isAtWork,
      pending: observed.pending, notSetUp: missing?.count)
    return (report, on: observed.host)
  }

  /// The recorded functions that were not set up since the host was started; nil where that is not known. Warns
  /// of them.
  private func notSetUp(on host: HostIndex, _ terminal: Terminal) -> [BootEntry]? {
    guard observation.canRemember, let record = observation.options.saw(host, on: terminal),
      !record.entries.isEmpty, let boot = host.state.kernel.bootID
    else { return nil }
    let missing = record.notSetUp(in: boot)
    if !missing.isEmpty { terminal.warn([BootText.notSetUp(missing)]) }
    return missing
  }

  /// The last runs; nil where the journals cannot be read, of which `warnOfOpen` warns.
  private func recentRuns() -> RecentRuns? { try? JournalStore(observation.options.stateFolder).recent() }

  /// When each difference was first seen; nil where that cannot be recorded.
  private func remembered(_ status: HostStatus, on terminal: Terminal) -> DriftMemory? {
    guard observation.canRemember else { return nil }
    let folder = observation.options.stateFolder
    do throws(Diagnostics) {
      let before = try DriftMemory.load(from: folder)
      let now = before.remembering(status, at: .now)
      if now != before { try now.save(to: folder) }
      return now
    } catch {
      terminal.warn(error.all.map(\.asWarning))
      return nil
    }
  }

  private func write(_ seen: (report: StatusReport, on: HostIndex)?, _ runs: RecentRuns?) throws(Diagnostics)
  {
    guard let metrics else { return }
    let text = StatusMetrics.text(
      host: seen?.report.status.host ?? observation.options.hostName, version: Pcipass.version, at: .now,
      seen.map { ($0.report, on: $0.on) }, runs: runs)
    try writeFile(text, to: metrics)
  }
}

extension ExitStatus {
  /// The status for one state of a host.
  init(of state: SyncState) {
    self =
      switch state {
      case .inSync: .success
      case .drifted: .changes
      case .blocked: .refused
      case .unknown: .failure
      }
  }
}
