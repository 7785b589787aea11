import ArgumentParser
import Documents
import Execution
import Files
import HostModel
import Manifests
import Planning

struct PlanCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what apply would change; change nothing.",
    discussion: """
      The plan is grouped by guest and NIC, and counts the checks that passed; --verbose lists steps and \
      checks. A refused plan starts with the refusals. With --state, pcipass plans from a snapshot and needs \
      neither the host nor root.

      EXIT STATUS:
        0  planned; with --detailed-exitcode: no changes, and in sync
        1  an error
        2  with --detailed-exitcode: there are changes, or a saved image is not in sync
        3  a guard refuses the plan
        5  with --detailed-exitcode: a run is interrupted
        6  with --detailed-exitcode: an apply is waiting for confirmation

      EXAMPLES:
        pcipass plan fleet/
        pcipass plan fleet/ --verbose            with steps, checks and facts
        pcipass plan fleet/ --out today.plan     for: pcipass apply today.plan
        pcipass plan fleet/ --state snapshots/   plan a fleet from snapshots
        pcipass plan fleet/ --target nic/lan     plan only that NIC
      """)

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

  func run(on terminal: Terminal) throws -> ExitStatus {
    let fleet = try origin.fleet(paths)
    var pending: PendingConfirmation?
    var isInterrupted = false
    let revision = self.revision.revision(of: paths)
    var printer = PlanPrinter(format.format, verbosity.detail, on: terminal)
    if let state {
      let snapshots = try Snapshots(state)
      if out != nil, snapshots.isFolder, options.hosts.count != 1 {
        throw Diagnostics(code: "usage", "--out saves the plan of one host, not of a fleet")
      }
      if !snapshots.isFolder { try options.requireOneHost() }
      try snapshots.forEachHost(of: fleet, named: options.hosts) { state, host, guests in
        let resolved = ResolvedRequest(manifests.request(host, guests), on: HostIndex(state))
        var plan = Planner.plan(resolved)
        plan.revision = revision
        printer.add(plan, of: resolved)
      }
    } else {
      let host = HostIndex(
        try options.observe(try options.open(for: Managers(of: fleet.guests)), on: terminal))
      if options.hasJournals {
        isInterrupted = options.warnOfOpen(host, on: terminal)
        pending = options.warnOfPending(on: terminal)
      }
      let request = try manifests.request(fleet, for: options.host ?? host.state.host)
      let last =
        options.hasJournals
        ? try JournalStore(options.stateFolder).lastApply(for: request, on: terminal) : LastApply()
      let resolved = ResolvedRequest(request, on: host)
      var plan = Planner.plan(resolved, since: last)
      (plan.confirmation, plan.revision) = (pending, revision)
      printer.add(plan, of: resolved)
    }
    try printer.finish()
    if let out, let plan = printer.single { try SavedPlan.write(plan, to: out) }
    if format.isText, printer.hasChanges, !printer.isRefused, let next {
      terminal.writeNext("Next: " + next, verbosity.detail)
    }
    let refused = printer.isRefused ? ExitStatus.refused : .success
    guard detailedExitCode else { return refused }
    return .worst(of: [
      isInterrupted ? .needsOperator : .success, refused, pending != nil ? .waiting : .success,
      printer.hasChanges || printer.hasDrift ? .changes : .success,
    ])
  }

  /// The command that applies the plan; nil where that is not possible with these arguments.
  private var next: String? {
    if let out { return "pcipass apply \(shellWord(out)) applies exactly this plan." }
    if state != nil || options.sysfsRoot != nil || paths.contains("-") { return nil }
    return "pcipass apply, with the same arguments, applies this plan."
  }
}
