import ArgumentParser
import Documents
import Execution
import Files
import HostModel
import Manifests
import Planning

struct PlanCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what apply would do, and do nothing.",
    discussion: """
      EXIT STATUS:
        0  planned; with --detailed-exitcode: nothing to do, and in sync
        1  an error, or the plan is refused
        2  with --detailed-exitcode: there are changes, or a saved image is not in sync
        6  with --detailed-exitcode: an apply is waiting for its confirmation

      EXAMPLES:
        pcipass plan fleet/
        pcipass plan fleet/ --verbose            and what each guard found
        pcipass plan fleet/ --out today.plan     for: pcipass apply today.plan
        pcipass plan fleet/ --state snapshots/   the whole fleet, from a folder
        pcipass plan fleet/ --target nic/lan     only that NIC
      """)

  enum Formats: AcceptedFormats {
    static let all: [OutputFormat] = [.text, .json, .markdown]
  }

  @OptionGroup var options: HostOptions
  @OptionGroup var manifests: ManifestOptions
  @OptionGroup var verbosity: VerbosityOptions

  @Option(
    help: ArgumentHelp(
      "Plan from a snapshot instead of the host, or from a folder of them.", valueName: "path"),
    completion: .snapshots)
  var state: String?

  @Option(help: "How the plan is printed.")
  var format = FormatArgument<Formats>.text

  @Option(
    help: ArgumentHelp("Save the plan, to be applied as it is.", valueName: "file"), completion: .file())
  var out: String?

  @Flag(name: .customLong("detailed-exitcode"), help: "End with status 2 where there are changes.")
  var detailedExitCode = false

  @Argument(help: "Files and folders of manifests; - is standard input.", completion: .manifests)
  var paths: [String]

  mutating func validate() throws {
    try options.check(excluding: state)
  }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let fleet = try Fleet.load(paths)
    var pending: PendingConfirmation?
    var printer = PlanPrinter(format.format, verbosity.detail, on: terminal)
    if let state {
      let snapshots = try Snapshots(state)
      if out != nil, snapshots.isFolder {
        throw Diagnostics(code: "usage", "--out saves the plan of one host, not of a fleet")
      }
      try snapshots.forEachHost(of: fleet, named: options.host) { state, host, guests in
        let resolved = ResolvedRequest(manifests.request(host, guests), on: HostIndex(state))
        printer.add(Planner.plan(resolved), of: resolved)
      }
    } else {
      let host = HostIndex(
        try options.observe(try options.open(for: Managers(of: fleet.guests)), on: terminal))
      if options.sysfsRoot == nil {
        options.warnOfOpen(host, on: terminal)
        pending = options.warnOfPending(on: terminal)
      }
      let request = try manifests.request(fleet, for: options.host ?? host.state.host)
      let last =
        options.sysfsRoot == nil
        ? try JournalStore(options.stateFolder).lastApply(for: request, on: terminal) : LastApply()
      let resolved = ResolvedRequest(request, on: host)
      var plan = Planner.plan(resolved, since: last)
      plan.confirmation = pending
      printer.add(plan, of: resolved)
    }
    try printer.finish()
    if let out, let plan = printer.single { try SavedPlan.write(plan, to: out) }
    if format.isText, printer.hasChanges, !printer.isRefused, let next {
      terminal.writeNext("Next: " + next, verbosity.detail)
    }
    if printer.isRefused { return .failure }
    guard detailedExitCode else { return .success }
    if pending != nil { return .waiting }
    return printer.hasChanges || printer.hasDrift ? .changes : .success
  }

  /// The command that carries the plan out; nil where that is not possible with these arguments.
  private var next: String? {
    if let out { return "pcipass apply \(shellWord(out)) carries out exactly this." }
    if state != nil || options.sysfsRoot != nil || paths.contains("-") { return nil }
    return "pcipass apply, with the same arguments, carries it out."
  }
}
