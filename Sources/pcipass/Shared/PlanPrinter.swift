import Documents
import HostModel
import Planning
import Reporting

/// Prints the plans of a run in one format. Text is printed plan by plan, so that a fleet's needs the
/// memory of one.
struct PlanPrinter {
  private let format: PlanCommand.Format
  private let detail: Detail
  private var kept: [Plan] = []
  /// What each plan changes, for the format that has pictures.
  private var pictures: [Topology] = []
  private var count = 0
  private var changed = 0
  private var drifted = 0
  private var refused = 0
  private var pending = ""
  private var last: Plan?

  init(format: PlanCommand.Format, detail: Detail) {
    self.format = format
    self.detail = detail
  }

  var isRefused: Bool { refused > 0 }
  var hasChanges: Bool { changed > 0 }
  /// Something is not as declared that no step can change.
  var hasDrift: Bool { drifted > 0 }
  /// The plan, where the run had one host.
  var single: Plan? { count == 1 ? last : nil }

  mutating func add(_ plan: Plan, on state: HostState) {
    count += 1
    if !plan.isEmpty { changed += 1 }
    if plan.hasDrift { drifted += 1 }
    if !plan.refusals.isEmpty { refused += 1 }
    last = plan
    switch format {
    case .json: kept.append(plan)
    case .markdown:
      kept.append(plan)
      pictures.append(Topology(state, plan: plan).changes)
    case .text:
      pending += PlanText(style: Terminal.output, detail: detail).text(plan)
      if pending.utf8.count > 1 << 16 { flush() }
    }
    if !plan.refusals.isEmpty {
      flush()
      let text = PlanText(style: Terminal.error)
      Terminal.writeError(plan.refusals.reduce(into: "") { $0 += text.text($1) })
    }
  }

  mutating func finish() {
    flush()
    switch format {
    case .json: Terminal.write(PlanJSON.text(kept))
    case .markdown: Terminal.write(PlanMarkdown.text(Array(zip(kept, pictures))))
    case .text:
      if count > 1 {
        Terminal.write("\(count) hosts: \(changed) with changes, \(refused) refused.\n")
      }
    }
  }

  private mutating func flush() {
    Terminal.write(pending)
    pending = ""
  }
}
