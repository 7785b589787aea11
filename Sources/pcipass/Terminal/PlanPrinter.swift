import HostModel
import Planning
import Reporting

/// Prints the plans of a run in one format. Text is printed plan by plan, so that a fleet's needs the
/// memory of one.
struct PlanPrinter {
  private let format: OutputFormat
  private let detail: DetailLevel
  private let terminal: Terminal
  private var kept: [Plan] = []
  /// What each plan changes, for the format that has pictures.
  private var pictures: [Topology] = []
  private var count = 0
  private var changed = 0
  private var drifted = 0
  private var refused = 0
  private var pending = ""
  private var last: Plan?

  init(_ format: OutputFormat, _ detail: DetailLevel, on terminal: Terminal) {
    self.format = format
    self.detail = detail
    self.terminal = terminal
  }

  var isRefused: Bool { refused > 0 }
  var hasChanges: Bool { changed > 0 }
  /// Something is not as declared that no step can change.
  var hasDrift: Bool { drifted > 0 }
  /// The plan, where the run had one host.
  var single: Plan? { count == 1 ? last : nil }

  mutating func add(_ plan: Plan, of resolved: ResolvedRequest) {
    count += 1
    if !plan.isEmpty { changed += 1 }
    if plan.hasDrift { drifted += 1 }
    if !plan.refusals.isEmpty { refused += 1 }
    last = plan
    if format == .text {
      pending += PlanText(style: terminal.outputStyle, detail: detail).text(plan)
      if pending.utf8.count > 1 << 16 { flush() }
    } else {
      kept.append(plan)
      if format == .markdown { pictures.append(Topology(plan, of: resolved).changes) }
    }
    if !plan.refusals.isEmpty {
      flush()
      terminal.warn(plan.refusals)
    }
  }

  mutating func finish() throws {
    flush()
    let rendering = Rendering(
      text: { [count, changed, refused] in
        count > 1 ? "\(count) hosts: \(changed) with changes, \(refused) refused.\n" : ""
      },
      json: { [kept] in PlanJSON.text(kept) },
      markdown: { [kept, pictures] in PlanMarkdown.text(Array(zip(kept, pictures))) })
    try terminal.write(rendering, as: format)
  }

  private mutating func flush() {
    terminal.write(pending)
    pending = ""
  }
}
