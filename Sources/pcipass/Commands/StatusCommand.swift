import ArgumentParser
import Documents
import Execution
import HostModel
import Planning
import Reporting

struct StatusCommand: ParsableCommand {
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

  @OptionGroup var sight: SightOptions

  @Option(help: "How it is printed.")
  var format = ListFormat.text

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

  func run() throws {
    let runs = sight.hasJournals ? recentRuns() : nil
    let seen: (StatusReport, on: HostState)
    do { seen = try look(runs) } catch {
      // Whoever watches is to learn that nothing can be seen, too.
      try? write(nil, runs)
      throw error
    }
    let report = seen.0
    switch format {
    case .json: Terminal.write(StatusJSON.json(report).text + "\n")
    case .text: Terminal.write(StatusText(style: Terminal.output).text(report))
    }
    try write(seen, runs)
    switch report.status.state {
    case .unknown: throw ExitCode.failure
    case _ where report.pending != nil: throw ExitCode.waiting
    case .declared: return
    case .drifted, .refused: throw ExitCode.changes
    }
  }

  private func look(_ runs: RecentRuns?) throws -> (StatusReport, on: HostState) {
    let seen = try sight.look(paths)
    guard let request = seen.request else { throw fail("usage", "there are no manifests to compare with") }
    if sight.hasJournals { sight.options.warnOfOpen(seen.state) }
    let status = HostStatus(Planner.plan(request, on: seen.state), on: seen.state)
    let isAtWork = runs?.open != nil && (try? sight.options.isAtWork()) ?? false
    return (
      StatusReport(
        status, memory: remembered(status), runs: runs, isAtWork: isAtWork,
        pending: seen.pending), on: seen.state
    )
  }

  /// Nil where they cannot be read; why is said with what is open.
  private func recentRuns() -> RecentRuns? { try? JournalStore(sight.options.stateFolder).recent() }

  /// Since when what differs has done so; nil where nobody may write that down.
  private func remembered(_ status: HostStatus) -> DriftMemory? {
    guard sight.mayRemember else { return nil }
    let folder = sight.options.stateFolder
    let before: DriftMemory
    do throws(Diagnostics) { before = try DriftMemory.load(from: folder) } catch {
      warn(error.all.map(\.asWarning))
      return nil
    }
    let now = before.remembering(status, at: .now)
    guard now != before else { return now }
    do throws(Diagnostics) { try now.save(to: folder) } catch {
      warn(error.all.map(\.asWarning))
      return nil
    }
    return now
  }

  private func write(_ seen: (StatusReport, on: HostState)?, _ runs: RecentRuns?) throws {
    guard let metrics else { return }
    let text = StatusMetrics.text(
      host: seen?.0.status.host ?? sight.options.hostName, version: Version.text, at: .now, seen, runs: runs)
    try orFailAtOnce { () throws(Diagnostic) in try writeFile(text, to: metrics) }
  }
}
