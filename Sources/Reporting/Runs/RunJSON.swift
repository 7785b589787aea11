import Documents
import Execution
import Files
import HostModel
import Planning

/// Applies and rollbacks as JSON for programs.
public enum RunJSON {
  /// One run with its steps: the result of apply, rollback, recover and confirm, and what `pcipass show`
  /// prints.
  struct Document: Sendable {
    var report: RunReport
    var steps: [ReportedStep] = []
    /// The functions and guests of the steps as they were read after the run; nil where they were not read.
    var functions: [FunctionState]?
    var refusals: [Described<Refusal>] = []
    var diagnostics: [Diagnostic] = []
  }

  /// The document of the kind `Run`.
  ///
  /// - Parameters:
  ///   - state: the host after the run; nil where it was not read.
  ///   - refusals: why the host is not in sync although every step is done.
  ///   - diagnostics: the problems that remain although every step is done.
  public static func text(
    _ report: RunReport, of journal: Journal, on state: HostState? = nil,
    _ refusals: [Described<Refusal>] = [], _ diagnostics: [Diagnostic] = []
  ) -> String {
    let plan = journal.header.plan
    let subjects = PlanSubjects(plan)
    return text(
      Document(
        report: report,
        steps: journal.stepReports.map { ReportedStep(report: $0, subject: subjects.described($0.step)) },
        functions: state.map { FunctionState.all(of: plan, on: $0, subjects.labels) }, refusals: refusals,
        diagnostics: diagnostics))
  }

  /// The document of a run that had nothing to do and therefore has no number.
  public static func text(nothingToDo task: RunReport.Kind, on host: String) -> String {
    text(Document(report: .nothingToDo(task, on: host)))
  }

  private static func text(_ document: Document) -> String { form.encode(document).text + "\n" }

  /// The JSON Schema of the document.
  public static let schema = form.schema

  static let form = OutputForm<Document>.document(
    kind: "Run", "An apply or rollback, its steps, and what is on the host after it.",
    host: { $0.report.host },
    RunReport.fields.map { $0.at(\.report) } + [
      OutputField(
        "steps", \.steps, .list(of: ReportedStep.form),
        "The steps in the order of the plan, then those that its recovery added."),
      OutputField(
        "functions", \.functions, optional: .list(of: FunctionState.form),
        "The functions of the steps as they were read after the run; absent where they were not read."),
      OutputField(
        "refusals", { $0.refusals.isEmpty ? nil : $0.refusals }, optional: .list(of: Refusal.form.output),
        "Why the host is not in sync although every step is done."),
      OutputField(
        "diagnostics", { $0.diagnostics.isEmpty ? nil : $0.diagnostics },
        optional: .list(of: DiagnosticJSON.form), "The errors of a run of which every step is done."),
    ])
}

/// The list of runs as JSON for programs.
public enum HistoryJSON {
  struct Document: Sendable {
    var host: String
    var runs: [RunReport]
  }

  /// The document of the kind `History`, the last run first.
  public static func text(_ journals: [Journal], of host: String, _ context: RunContext) -> String {
    form.encode(Document(host: host, runs: journals.reversed().map(context.report))).text + "\n"
  }

  /// The JSON Schema of the document.
  public static let schema = form.schema

  static let form = OutputForm<Document>.document(
    kind: "History", "The applies and rollbacks of a host.", host: \.host,
    [OutputField("runs", \.runs, .list(of: RunReport.form), "The last run first.")])
}

extension RunReport {
  static let form = OutputForm<RunReport>.record(
    "RunSummary", "An apply or rollback.",
    [OutputField("host", \.host, .text, "The host.")] + fields)

  static let fields: [OutputField<RunReport>] = [
    OutputField("id", \.id, optional: .count, "The number of the run; absent where there was nothing to do."),
    OutputField(
      "task", \.task, .choice(), "What the run is for; recover only where there was nothing to recover."),
    OutputField("undoes", \.undoes, optional: Undone.form, "What a rollback undoes."),
    OutputField("recovery", \.recovery, optional: .choice(), "Which way an interrupted run was recovered."),
    OutputField("started", \.started, optional: .moment, "The time of the start."),
    OutputField(
      "finished", \.finished, optional: .moment, "The time of the end; absent where it has none."),
    OutputField("by", \.by, optional: .text, "The user who started the run."),
    OutputField("version", \.version, optional: .text, "The version of pcipass that executed it."),
    OutputField("revision", \.revision, optional: .text, "The commit that the manifests came from."),
    OutputField("outcome", \.outcome, .choice(), "How the run ended."),
    OutputField(
      "changed", \.hasChanged, .boolean,
      "Whether the run left a change on the host when it ended. A loaded kernel module alone is not a change."
    ),
    OutputField(
      "rolledBackBy", \.rolledBackBy, optional: .count, "The number of the rollback that undid the run."),
    OutputField("confirmation", \.confirmation, optional: Confirmation.form, "The confirmation of the run."),
    OutputField("stepCount", \.stepCount, .count, "The number of steps of the plan."),
    OutputField(
      "inEffect", \.inEffect, .list(of: .text),
      "The ids of the steps that left a change when the run ended, or may have left one: see the outcome of each step."
    ),
  ]
}

extension RunReport.Undone {
  static let form = OutputForm<Self>.record(
    "Undone", "What a rollback undoes.",
    [
      OutputField("run", \.run, optional: .count, "The number of the run; absent for a plan file."),
      OutputField(
        "targets", { $0.targets.isEmpty ? nil : $0.targets.map(\.description) },
        optional: .list(of: .text), "The NICs and guests; absent where everything is undone."),
    ])
}

extension RunReport.Confirmation {
  static let form = OutputForm<Self>.record(
    "Confirmation", "The confirmation that --confirm-within requires.",
    [
      OutputField("apply", \.apply, .count, "The number of the run."),
      OutputField("state", \.state, .choice(), "The state of the confirmation."),
      OutputField("until", \.until, optional: .moment, "The end of the time to confirm."),
      OutputField("by", \.by, optional: .text, "The user who confirmed the run."),
      OutputField(
        "interrupted", { $0.isInterrupted ? true : nil }, optional: .boolean,
        "Present where the run was interrupted, so that it waits for recover and not for confirm."),
      OutputField(
        "watched", \.isWatched, optional: .boolean,
        "Whether a process rolls the run back when the time is over; absent where that is unknown."),
      OutputField("watchdog", \.watchdog, optional: .count, "The id of that process."),
      OutputField(
        "watchdogStopped", { $0.isWatchdogStopped ? true : nil }, optional: .boolean,
        "Present where a signal has stopped that process."),
      OutputField("reason", \.reason, optional: .text, "Why the run is not rolled back yet."),
    ])
}
