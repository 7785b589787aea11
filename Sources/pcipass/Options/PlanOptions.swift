import ArgumentParser
import Documents
import Execution
import Files
import HostModel
import Hosts
import Manifests
import Planning

/// The arguments of a command that prints plans, and how it makes them.
struct PlanOptions: ParsableArguments {
  enum Formats: AcceptedFormats {
    static let all: [OutputFormat] = [.text, .json, .markdown]
  }

  @OptionGroup var options: HostOptions
  @OptionGroup var manifests: ManifestOptions
  @OptionGroup var origin: OriginOptions
  @OptionGroup var revision: RevisionOptions
  @OptionGroup var verbosity: VerbosityOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "Plan from a snapshot, or a folder of snapshots, instead of the host.", valueName: "path"),
    completion: .snapshots)
  var state: String?

  @Option(help: "The output format.")
  var format = FormatArgument<Formats>.text

  @Option(
    help: ArgumentHelp("Save the plan to a file for apply.", valueName: "file"),
    completion: .file())
  var out: String?

  @Flag(name: .customLong("detailed-exitcode"), help: "Exit with status 2 if there are changes.")
  var detailedExitCode = false

  @Argument(help: "Manifest files and folders; - is standard input.", completion: .manifests)
  var paths: [String]

  mutating func validate() throws {
    try options.check(excluding: state)
  }

  var outputFormat: OutputFormat { format.format }

  /// Prints the plans.
  ///
  /// - Parameter drained: the NIC or port that guests leave.
  func run(drained: [NICReference] = [], on terminal: Terminal) throws -> ExitStatus {
    let loaded = try origin.manifests(paths)
    let revision = self.revision.revision(of: paths)
    var printer = PlanPrinter(format.format, verbosity.detail, on: terminal)
    var statuses: [ExitStatus] = []
    if let state {
      if let folder = SnapshotFolder(state) {
        let errors = try planFleet(loaded, folder, revision, drained, &printer, on: terminal)
        terminal.warn(errors)
        if errors.hasErrors { statuses.append(.failure) }
      } else {
        try options.requireOneHost()
        let host = HostIndex(try HostState.read(state))
        let name = options.host ?? host.state.host
        let request = try manifests.request(drained: drained, try loaded.fleet(on: name, terminal), for: name)
        printer.add(printer.planned(request, on: host, revision))
        try printer.finish(loaded.diagnostics(on: name))
      }
    } else {
      statuses += try planHost(loaded, revision, drained, &printer, on: terminal)
    }
    if let out, let plan = printer.single { try SavedPlan.write(plan, to: out) }
    if format.isText, printer.hasChanges, !printer.isRefused, let next {
      terminal.writeNext("Next: " + next, verbosity.detail)
    }
    if printer.isRefused { statuses.append(.refused) }
    if detailedExitCode, printer.hasChanges || printer.hasDrift { statuses.append(.changes) }
    return .worst(of: statuses)
  }

  /// Plans this host.
  ///
  /// - Returns: the statuses of what the host waits for, with `--detailed-exitcode`.
  private func planHost(
    _ loaded: LoadedManifests, _ revision: String?, _ drained: [NICReference], _ printer: inout PlanPrinter,
    on terminal: Terminal
  ) throws -> [ExitStatus] {
    let host = HostIndex(
      try options.observe(
        try options.open(for: Managers(of: loaded.fleet, for: manifests.part)), on: terminal))
    options.saw(host, on: terminal)
    let isInterrupted = options.hasJournals && options.warnOfOpen(host, on: terminal)
    let pending = options.hasJournals ? options.warnOfPending(on: terminal) : nil
    let name = options.host ?? host.state.host
    let request = try manifests.request(drained: drained, try loaded.fleet(on: name, terminal), for: name)
    let last =
      options.hasJournals
      ? try JournalStore(options.stateFolder).lastApply(for: request, on: terminal) : LastApply()
    printer.add(printer.planned(request, on: host, since: last, revision, pending))
    try printer.finish(loaded.diagnostics(on: name))
    guard detailedExitCode else { return [] }
    return (isInterrupted ? [.needsOperator] : []) + (pending != nil ? [.waiting] : [])
  }

  /// Plans the hosts of the manifests from a folder of snapshots.
  ///
  /// - Returns: what is printed after the plans: the guests that no host has, and the hosts without a plan.
  private func planFleet(
    _ loaded: LoadedManifests, _ folder: SnapshotFolder, _ revision: String?, _ drained: [NICReference],
    _ printer: inout PlanPrinter, on terminal: Terminal
  ) throws -> [Diagnostic] {
    if out != nil, options.hosts.count != 1 {
      throw Diagnostics(code: "usage", "--out saves the plan of one host, not of a fleet")
    }
    var run = try FleetRun(loaded, of: options.hosts)
    terminal.warn(run.diagnostics)
    let (request, planner) = (manifests.requests(drained: drained), printer)
    run.forEachHost(
      of: folder,
      plan: { planner.planned(request($0.manifest, $0.guests), on: $0.index, revision) },
      add: { printer.add($0) },
      leave: { printer.add(unplanned: $0) })
    let missing = manifests.part == .host ? [] : run.missingGuests(manifests.target)
    try printer.finish(run.diagnostics + missing)
    return missing + run.errors(printer.unplanned)
  }

  /// The command that applies the plan; nil where that is not possible with these arguments.
  private var next: String? {
    if let out { return "pcipass apply \(shellWord(out)) applies exactly this plan." }
    if state != nil || options.sysfsRoot != nil || paths.contains("-") { return nil }
    return "pcipass apply, with the same arguments, applies this plan."
  }
}
