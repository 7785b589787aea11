import HostModel
import Hosts
import Planning

/// Carries a plan out: begins each step when what it waits for has ended, captures what undoes it, does it, verifies it on
/// the host, and after a failure undoes what was done.
///
/// One thread decides, writes the journal and says what happens. What waits for the kernel, libvirt or a guest is done by
/// a pool: on the same thread where one step is done at a time, otherwise each on a thread of its own.
public struct Executor {
  public enum OnFailure: String, CaseIterable, Sendable {
    case undo
    /// Leave what was done as it is.
    case stop
  }

  /// How many steps are done side by side, and which of those that may begin is next.
  public struct Order {
    let jobs: Int
    let pool: any StepPool
    /// An index into as many as may begin now; nil is the first of them.
    let choose: ((Int) -> Int)?

    public init(jobs: Int, pool: any StepPool, choose: ((Int) -> Int)? = nil) {
      self.jobs = jobs
      self.pool = pool
      self.choose = choose
    }

    /// One after another, in the plan's order.
    public static var serial: Order { Order(jobs: 1, pool: SerialPool()) }

    /// So many side by side, the first of the plan first.
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

  /// - Parameter stop: why no other step is to begin; nil while the run goes on.
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

  /// - Parameters:
  ///   - judge: asks the guards again before each step, and about its undoing. Without one they are not asked.
  ///   - observed: the host that the steps were planned on, which tells what they use; the judge knows it. The
  ///     executor reads the host where neither gives it.
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
      outcome.isLeft = true
    } else {
      undo(&outcome, judge, resources)
    }
    return outcome
  }

  /// Undoes what an earlier run left.
  ///
  /// - Parameters:
  ///   - effects: in the order in which they came to be.
  ///   - completed: all that is there of that run, for what rests on what.
  ///   - judge: asks the guards again before each step.
  ///   - isPartial: whether guards refuse a part of it. That stays, and the rest is undone.
  public func back(
    _ effects: [Effect], completed: [Step], judgedBy judge: StepJudge? = nil, on observed: HostIndex? = nil,
    isPartial: Bool = false
  ) -> Outcome {
    var outcome = Outcome()
    outcome.completed = completed
    outcome.isBack = true
    var undo = BackwardRun(
      effects, completed: completed, resources(on: observed ?? judge?.before), judge, self)
    if isPartial { undo.judgeWhole() }
    undo.run(&outcome, stop: stop)
    return outcome
  }

  /// What a failed run has done until then.
  private func undo(_ outcome: inout Outcome, _ judge: StepJudge?, _ resources: Resources) {
    var effects = outcome.done
    for failure in outcome.failures {
      guard let begun = failure.begun else { continue }
      if failure.failure.kind == .stuck {
        // It may still happen: what it rests on must not be taken from under it.
        let ground = outcome.completed.ground(of: failure.step)
        effects.removeAll { ground.contains($0.step.id) }
      } else {
        // The failed step may have done a part of its work.
        effects.append(Effect(step: failure.step, action: begun, isDone: false))
      }
    }
    var undo = BackwardRun(effects, completed: outcome.completed, resources, judge, self)
    undo.judgeWhole()
    undo.run(&outcome) { nil }
  }

  /// Where the host was not read, groups and PFs are not known: that is no matter where one step is done at a time.
  private func resources(on observed: HostIndex?) -> Resources {
    Resources(on: observed ?? (order.jobs > 1 ? (try? host.observe()).map { HostIndex($0) } : nil))
  }

  func write(_ entry: JournalEntry) throws(HostFailure) {
    do throws(JournalFailure) {
      try journal(entry)
    } catch {
      throw HostFailure(.refused, "the journal cannot be written: \(error.message)")
    }
  }

  /// After a failure, a journal that cannot be written stops nothing, but it is said.
  func note(_ entry: JournalEntry, _ outcome: inout Outcome) {
    do throws(JournalFailure) { try journal(entry) } catch { outcome.journalFailures.append(error.message) }
  }
}

extension [Step] {
  /// All that a step waited for, directly or through others of these.
  func ground(of step: Step) -> Set<String> {
    var result = Set(step.after)
    // Each comes after those that it waits for.
    for earlier in reversed() where result.contains(earlier.id) { result.formUnion(earlier.after) }
    return result
  }
}
