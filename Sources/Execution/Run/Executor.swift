import HostModel
import Hosts
import Planning

/// Carries out the steps of a plan: begins each step when the steps that it waits for have ended,
/// records in the journal how to undo it, does it, and verifies it on the host. After a failure,
/// undoes the steps that were done.
///
/// One thread decides, writes the journal and reports. Calls that wait for the kernel, libvirt or a guest run
/// in a `StepPool`: on the same thread if one step is done at a time, otherwise on threads of their own.
public struct Executor {
  /// What happens after a step has failed (`--on-failure`).
  public enum OnFailure: String, CaseIterable, Sendable {
    case undo
    /// The effects of the steps that were done stay.
    case stop
  }

  /// How many steps run at the same time, and which of the ready steps begins next.
  public struct Order {
    let jobs: Int
    let pool: any StepPool
    /// Returns the index of the next step among this number of ready steps. If it is nil, the first
    /// ready step begins.
    let choose: ((Int) -> Int)?

    public init(jobs: Int, pool: any StepPool, choose: ((Int) -> Int)? = nil) {
      self.jobs = jobs
      self.pool = pool
      self.choose = choose
    }

    /// One step at a time, in the order of the plan.
    public static var serial: Order { Order(jobs: 1, pool: SerialPool()) }

    /// Returns an order with up to `count` steps at the same time, the first of the plan first. It is serial
    /// if `count` is 1, or no pool can be made.
    public static func jobs(_ count: Int) -> Order {
      guard count > 1, let pool = try? ThreadPool() else { return .serial }
      return Order(jobs: count, pool: pool)
    }
  }

  let host: any Host
  let order: Order
  let onFailure: OnFailure
  let journal: EntryWriter
  let stop: () -> String?
  let clock = ContinuousClock()

  /// - Parameters:
  ///   - stop: returns a reason to begin no other step, or `nil` while the run may continue.
  ///   - journal: writes an entry to the disk before it returns. A step that it cannot record is not begun.
  public init(
    host: any Host, order: Order = .serial, onFailure: OnFailure = .undo,
    stop: @escaping () -> String? = { nil }, journal: @escaping EntryWriter
  ) {
    self.host = host
    self.order = order
    self.onFailure = onFailure
    self.stop = stop
    self.journal = journal
  }

  /// Carries out the steps. Failures are a part of the outcome.
  ///
  /// - Parameters:
  ///   - judge: evaluates the guards again before each step and before its undo. If it is nil, they
  ///     are not evaluated.
  ///   - observed: the host that the plan was made for, which shows the resources that steps use.
  ///     If neither it nor the judge is given, the executor reads the host.
  public func run(_ steps: [Step], judgedBy judge: StepJudge? = nil, on observed: HostIndex? = nil) -> Outcome
  {
    var outcome = Outcome()
    let resources = resources(on: observed ?? judge?.before)
    var forward = ForwardRun(steps, uses: steps.map { resources.use(by: $0.action) }, judge, self)
    forward.run(&outcome)
    guard !outcome.failures.isEmpty else { return outcome }
    for skipped in forward.notBegun {
      outcome.skipped.append(skipped)
      note(.skipped(skipped), &outcome)
    }
    if onFailure == .stop {
      outcome.keepsEffects = true
    } else {
      undo(&outcome, judge, resources)
    }
    return outcome
  }

  /// Undoes the effects of an earlier run.
  ///
  /// - Parameters:
  ///   - effects: in the order in which their steps ended.
  ///   - completed: all steps of the run whose effects are on the host, for their dependencies.
  ///   - judge: evaluates the guards again before each step.
  ///   - isPartial: whether guards may refuse a part of the undo. That part stays, and the rest is undone.
  public func back(
    _ effects: [Effect], completed: [Step], judgedBy judge: StepJudge? = nil, on observed: HostIndex? = nil,
    isPartial: Bool = false
  ) -> Outcome {
    var outcome = Outcome()
    outcome.completed = completed
    outcome.isUndo = true
    var undo = BackwardRun(
      effects, completed: completed, resources(on: observed ?? judge?.before), judge, self)
    if isPartial { undo.judgeUndo() }
    undo.run(&outcome, stop: stop)
    return outcome
  }

  /// Undoes the steps that a failed run has done.
  private func undo(_ outcome: inout Outcome, _ judge: StepJudge?, _ resources: StepResources) {
    var effects = outcome.done
    for failure in outcome.failures {
      guard let begun = failure.begun else { continue }
      if failure.failure.kind == .stuck {
        // A stuck step may still take effect, so the steps that it depends on must stay.
        let prerequisites = outcome.completed.prerequisites(of: failure.step)
        effects.removeAll { prerequisites.contains($0.step.id) }
      } else {
        // The failed step may have done a part of its work.
        effects.append(Effect(step: failure.step, action: begun, isDone: false))
      }
    }
    var undo = BackwardRun(effects, completed: outcome.completed, resources, judge, self)
    undo.judgeUndo()
    undo.run(&outcome) { nil }
  }

  /// Without the host, IOMMU groups and PFs are not known. They are not needed if one step is done at a time.
  private func resources(on observed: HostIndex?) -> StepResources {
    StepResources(on: observed ?? (order.jobs > 1 ? (try? host.observe()).map { HostIndex($0) } : nil))
  }

  /// Writes an entry that must be on the disk before the run continues.
  ///
  /// - Throws: `refused` if the journal cannot be written.
  func write(_ entry: JournalEntry) throws(HostFailure) {
    do throws(JournalFailure) {
      try journal(entry)
    } catch {
      throw HostFailure(.refused, "the journal cannot be written: \(error.message)")
    }
  }

  /// Writes an entry about something that has happened. If that fails, the run continues and the
  /// outcome reports it.
  func note(_ entry: JournalEntry, _ outcome: inout Outcome) {
    do throws(JournalFailure) { try journal(entry) } catch { outcome.journalFailures.append(error.message) }
  }
}

extension [Step] {
  /// Returns the ids of all steps that a step waits for, directly or indirectly. The array has each step
  /// after those it waits for.
  func prerequisites(of step: Step) -> Set<String> {
    var result = Set(step.after)
    for earlier in reversed() where result.contains(earlier.id) { result.formUnion(earlier.after) }
    return result
  }
}
