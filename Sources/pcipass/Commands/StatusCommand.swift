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
    abstract: "Say of each NIC and guest whether it is as declared, and if not what differs.",
    discussion: """
      It is what plan would do, seen from the NICs, with since when.

      EXIT STATUS:
        0  all is as declared
        1  an error, or something that is not known
        2  something has drifted, or a plan would be refused
        6  an apply is waiting for its confirmation

      EXAMPLES:
        pcipass status fleet/
        pcipass status fleet/ --format json
        pcipass status fleet/ --metrics pcipass.prom
      """)

  @OptionGroup var observation: ObservationOptions

  @Option(help: "How it is printed.")
  var format = FormatArgument<TextOrJSON>.text

  @Option(
    help: ArgumentHelp(
      "Also write it for Prometheus (node_exporter's textfile collector), whole or not at all.",
      valueName: "file"), completion: .file())
  var metrics: String?

  @Argument(help: "Files and folders of manifests; - is standard input.", completion: .manifests)
  var paths: [String]

  mutating func validate() throws {
    if metrics == "-" { throw ValidationError("--metrics writes a file, in one go: - is none") }
  }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let runs = observation.hasJournals ? recentRuns() : nil
    let seen: (report: StatusReport, on: HostIndex)
    do { seen = try report(runs, on: terminal) } catch {
      // The metrics say that nothing could be observed.
      do throws(Diagnostics) { try write(nil, runs) } catch let other {
        throw Diagnostics(error.all + other.all)
      }
      throw error
    }
    let rendering = Rendering(
      text: { StatusText(style: terminal.outputStyle).text(seen.report) },
      json: { StatusJSON.json(seen.report).text + "\n" })
    try terminal.write(rendering, as: format.format)
    try write(seen, runs)
    switch seen.report.status.state {
    case .unknown: return .failure
    case _ where seen.report.pending != nil: return .waiting
    case .declared: return .success
    case .drifted, .refused: return .changes
    }
  }

  private func report(
    _ runs: RecentRuns?, on terminal: Terminal
  ) throws(Diagnostics) -> (StatusReport, on: HostIndex) {
    let observed = try observation.observed(paths, on: terminal)
    guard let request = observed.request else {
      throw Diagnostics(code: "usage", "there are no manifests to compare with")
    }
    if observation.hasJournals { observation.options.warnOfOpen(observed.host, on: terminal) }
    let resolved = ResolvedRequest(request, on: observed.host)
    let status = HostStatus(Planner.plan(resolved), of: resolved)
    let isAtWork = runs?.open != nil && (try? observation.options.isAtWork()) ?? false
    let report = StatusReport(
      status, memory: remembered(status, on: terminal), runs: runs, isAtWork: isAtWork,
      pending: observed.pending)
    return (report, on: observed.host)
  }

  /// Nil where they cannot be read; `warnOfOpen` says why.
  private func recentRuns() -> RecentRuns? { try? JournalStore(observation.options.stateFolder).recent() }

  /// Since when each difference has existed; nil where that may not be recorded.
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
