import Documents
import Files
import HostModel
import Manifests
import Planning
import Reporting

extension StatusCommand {
  /// Prints the status of all hosts of the manifests, or of those that `--host` names, from their snapshots.
  func runFleet(_ folder: SnapshotFolder, on terminal: Terminal) throws -> ExitStatus {
    var run = try FleetRun(try observation.origin.manifests(paths), of: observation.options.hosts)
    terminal.warn(run.diagnostics)
    let results = summaries(of: run.hosts, run.guests, in: folder)
    terminal.warn(results.flatMap(\.problems).map(\.asWarning))
    for result in results { run.add(result.whereabouts) }
    let missing = run.missingGuests([])
    terminal.warn(missing)
    let status = FleetStatus(results.map(\.summary))
    let rendering = Rendering(
      text: { FleetStatusText(style: terminal.outputStyle, width: table.width(on: terminal)).text(status) },
      json: { FleetStatusJSON.form.encode(status).text + "\n" },
      csv: { StatusCSV.text(status.hosts) })
    try terminal.write(rendering, as: format.format)
    if let metrics {
      try writeFile(StatusMetrics.text(status, version: Pcipass.version, at: .now), to: metrics)
    }
    let isMissing = missing.contains { $0.severity == .error }
    return .worst(of: status.states.map(ExitStatus.init(of:)) + (isMissing ? [.failure] : []))
  }

  private struct HostReading {
    let summary: HostSummary
    /// Why the snapshot of the host cannot be read.
    var problems: [Diagnostic] = []
    /// Whether the host has the guests that may be on several.
    var whereabouts = GuestWhereabouts()
  }

  /// Reads and plans the hosts in parallel. Each snapshot is released after its host is planned, so that a fleet
  /// needs memory for the summaries only.
  private func summaries(
    of hosts: [FleetRun.DeclaredHost], _ guests: GuestsByHost, in folder: SnapshotFolder
  ) -> [HostReading] {
    inParallel(count: hosts.count, atLeast: 4) { part in
      hosts[part].map { Self.summary(of: $0, guests, in: folder) }
    }
  }

  private static func summary(
    of declared: FleetRun.DeclaredHost, _ guests: GuestsByHost, in folder: SnapshotFolder
  ) -> HostReading {
    guard declared.errors.isEmpty, let host = declared.manifest else {
      let reason = declared.errors.first?.placed
      return HostReading(
        summary: HostSummary(
          host: declared.name, nil, unavailable: reason ?? "it has errors in its manifests"))
    }
    do throws(Diagnostics) {
      guard let state = try folder.state(of: host.name) else {
        return HostReading(
          summary: HostSummary(host: host.name, .missing, unavailable: "there is no snapshot of it"))
      }
      let index = HostIndex(state)
      let resolved = ResolvedRequest(Request(host: host, guests: guests[host]), on: index)
      var reading = HostReading(
        summary: HostSummary(HostStatus(Planner.plan(resolved), of: resolved), .read))
      reading.whereabouts.add(guests[host], on: index, named: host.name)
      return reading
    } catch {
      return HostReading(
        summary: HostSummary(host: host.name, .unreadable, unavailable: error.message), problems: error.all)
    }
  }
}
