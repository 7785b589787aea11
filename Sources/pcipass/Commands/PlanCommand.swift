import ArgumentParser
import Documents
import Execution
import HostModel
import Manifests
import Planning
import Reporting

struct PlanCommand: ParsableCommand {
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

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, json, markdown }

  @OptionGroup var options: HostOptions
  @OptionGroup var manifests: ManifestOptions
  @OptionGroup var verbosity: VerbosityOptions

  @Option(
    help: ArgumentHelp(
      "Plan from a snapshot instead of the host, or from a folder of them.", valueName: "path"),
    completion: .snapshots)
  var state: String?

  @Option(help: "How the plan is printed.")
  var format = Format.text

  @Option(
    help: ArgumentHelp("Save the plan, to be applied as it is.", valueName: "file"), completion: .file())
  var out: String?

  @Flag(name: .customLong("detailed-exitcode"), help: "End with status 2 where there are changes.")
  var detailedExitCode = false

  @Argument(help: "Files and folders of manifests; - is standard input.", completion: .manifests)
  var paths: [String]

  mutating func validate() throws {
    if state != nil, !options.isLive {
      throw ValidationError("--state, --simulate and --sysfs-root exclude each other")
    }
  }

  func run() throws {
    let fleet = try loadFleet(paths)
    var pending: PendingConfirmation?
    var printer = PlanPrinter(format: format, detail: verbosity.detail)
    if let state {
      let snapshots = try Snapshots(state)
      if out != nil, snapshots.isFolder {
        throw fail("usage", "--out saves the plan of one host, not of a fleet")
      }
      try snapshots.forEachHost(of: fleet, named: options.host) { state, host, guests in
        printer.add(Planner.plan(manifests.request(host, guests), on: state), on: state)
      }
    } else {
      let state = try options.observe(try options.open(for: Managers(of: fleet.guests)))
      if options.sysfsRoot == nil {
        options.warnOfOpen(state)
        pending = options.warnOfPending()
      }
      let request = try manifests.request(fleet, for: options.host ?? state.host)
      let last =
        options.sysfsRoot == nil
        ? try JournalStore(options.stateFolder).lastApply(for: request) : LastApply()
      var plan = Planner.plan(request, on: state, since: last)
      plan.confirmation = pending
      printer.add(plan, on: state)
    }
    printer.finish()
    if let out, let plan = printer.single { try SavedPlan.write(plan, to: out) }
    if format == .text, printer.hasChanges, !printer.isRefused, let next {
      Terminal.writeNext("Next: " + next, verbosity.detail)
    }
    if printer.isRefused { throw ExitCode.failure }
    if detailedExitCode, pending != nil { throw ExitCode.waiting }
    if detailedExitCode, printer.hasChanges || printer.hasDrift { throw ExitCode.changes }
  }

  /// How that is done; nil where it cannot be from here.
  private var next: String? {
    if let out { return "pcipass apply \(shellWord(out)) carries out exactly this." }
    if state != nil || options.sysfsRoot != nil || paths.contains("-") { return nil }
    return "pcipass apply, with the same arguments, carries it out."
  }
}
