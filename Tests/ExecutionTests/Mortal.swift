import Documents
import Files
import Glibc
import HostModel
import Hosts
import Planning
import Synchronization
import TestSupport
import Testing

@testable import Execution

/// Whether the pcipass process has been killed. Its later actions reach neither the host nor the
/// disk.
final class Life: Sendable {
  private let isOver = Mutex(false)

  func end() { isOver.withLock { $0 = true } }
  var isEnded: Bool { isOver.withLock { $0 } }
}

/// A simulated host for a pcipass process that may be killed.
struct MortalHost: Host {
  let host: SimulatedHost
  let life: Life
  let witness: Witness?

  init(_ state: HostState, _ life: Life, _ witness: Witness? = nil) {
    self.life = life
    self.witness = witness
    var written: SimulatedHost.Written?
    if let witness { written = { witness.see($0, $1) } }
    host = SimulatedHost(state, written: written) { life.end() }
  }

  private var isAlive: Bool { !life.isEnded }

  func observe() throws(Diagnostics) -> HostState { try host.observe() }

  func observe(after actions: [Action], since before: HostState) throws(Diagnostics) -> HostState {
    try host.observe()
  }

  func observe(about action: Action, since before: HostState) throws(Diagnostics) -> HostState {
    try host.observe()
  }

  func setInterfaceUp(_ address: PCIAddress) throws(HostFailure) { try host.setInterfaceUp(address) }

  func start(_ domain: String) throws(HostFailure) { try host.start(domain) }

  func remember(_ state: HostState) throws(Diagnostics) {}

  func remember(_ change: AssignmentChange) throws(Diagnostics) {}

  func refreshed(_ action: Action) throws(HostFailure) -> Action {
    guard isAlive else { throw .killed }
    return try host.refreshed(action)
  }

  func state(of action: Action) throws(HostFailure) -> StepState {
    guard isAlive else { throw .killed }
    return try host.state(of: action)
  }

  func settle(_ action: Action, begun ago: Duration) {}

  func perform(_ action: Action, step: String) throws(HostFailure) {
    guard isAlive else { throw .killed }
    defer { witness?.see(action, step, on: host) }
    try host.perform(action, step: step)
  }
}

extension HostFailure {
  fileprivate static let killed = HostFailure(.stuck, "killed")
}

/// One pcipass process on a host whose journals are in a folder. It does the work of the commands,
/// without the terminal.
struct Lifetime {
  static let keep = 10
  let store: JournalStore
  let life = Life()
  private let folder: String
  /// The journal entry at which the process ends; nil if it is not killed.
  var death: Death?
  /// The number of steps that run at the same time. With more than one, their order is random.
  private let jobs: Int
  private let seed: Int
  /// The observer of each step.
  private let witness: Witness?

  enum Death: Equatable {
    /// SIGKILL before or after the entry of this number is written.
    case before(Int), after(Int)
    /// Power fails within this entry: only a part of the record is on disk.
    case torn(Int)
    /// The disk has no space for this entry and those after it.
    case full(Int)
  }

  init(
    _ folder: String, death: Death? = nil, jobs: Int = 1, seed: Int = 0, witness: Witness? = nil,
    clock: HostClock = .system
  ) {
    self.witness = witness
    store = JournalStore(folder, clock: clock)
    self.folder = folder
    self.death = death
    self.jobs = jobs
    self.seed = seed
  }

  /// Runs an apply. The end is nil if pcipass was killed.
  func apply(_ plan: Plan, on state: HostState) throws -> (id: Int, end: Outcome.End?, state: HostState) {
    try run(plan, as: .apply, on: state)
  }

  /// Runs the plan of an apply or a rollback. The end is nil if pcipass was killed.
  func run(
    _ plan: Plan, as task: Journal.RunKind, isFinal: Bool = true, confirmWithin: Int? = nil,
    onFailure: Executor.OnFailure = .undo, record: RunRecord? = nil, on state: HostState
  ) throws -> (id: Int, end: Outcome.End?, state: HostState) {
    let host = MortalHost(state, life, witness)
    let file = try store.begin(
      Journal.Header(
        task: task, plan: plan, onFailure: onFailure, confirmWithin: confirmWithin, run: record, by: "root",
        version: "test", boot: state.kernel.bootID),
      keep: Self.keep)
    var outcome = executor(host, file, onFailure).run(
      plan.steps, judgedBy: StepJudge(plan, task == .apply ? .forward : .back(isFinal: isFinal), since: state)
    )
    finish(&outcome, file)
    return (file.id, outcome.end, host.host.state)
  }

  /// Runs a recovery; nil if there is nothing to recover.
  ///
  /// - Parameter unconfirmed: whether the watchdog runs the recovery. It also rolls back an apply
  ///   that waits for confirmation, as far as the guards permit.
  func recover(
    _ direction: RecoveryDirection, unconfirmed: Bool = false, on state: HostState
  ) throws -> (plan: Plan, end: Outcome.End?, state: HostState)? {
    let obstacle = try store.obstacle()
    guard let journal = obstacle?.journal, unconfirmed || journal.isOpen else { return nil }
    let recovery = Recovery(journal, on: HostIndex(state))
    let plan = recovery.plan(direction)
    let isPartial = unconfirmed && !plan.refusals.isEmpty && !recovery.undoable.isEmpty
    guard plan.refusals.isEmpty || isPartial else { return (plan, journal.end, state) }
    let host = MortalHost(state, life, witness)
    let file = try store.append(to: journal.id)
    try? write(.recovering(direction, plan, boot: state.kernel.bootID), file)
    for entry in recovery.entries { try? write(entry, file) }
    let executor = executor(host, file, .stop)
    let ids = Set(plan.steps.map(\.id))
    var outcome =
      direction == .back
      ? executor.back(
        recovery.effects.filter { isPartial || ids.contains("undo/\($0.step.id)") },
        completed: recovery.effects.map(\.step),
        judgedBy: recovery.judge(of: plan, direction), isPartial: isPartial)
      : executor.run(plan.steps, judgedBy: recovery.judge(of: plan, direction))
    finish(&outcome, file)
    return (plan, outcome.end, host.host.state)
  }

  private func executor(_ host: MortalHost, _ file: JournalFile, _ onFailure: Executor.OnFailure) -> Executor
  {
    let order = jobs == 1 ? Executor.Order.serial : .drawn(jobs: jobs, seed: seed)
    return Executor(host: host, order: order, onFailure: onFailure) { entry throws(JournalFailure) in
      try write(entry, file)
    }
  }

  private func finish(_ outcome: inout Outcome, _ file: JournalFile) {
    if let end = outcome.end { try? write(.ended(end), file) }
  }

  private func write(_ entry: JournalEntry, _ file: JournalFile) throws(JournalFailure) {
    guard !life.isEnded else { throw JournalFailure("killed") }
    let number = file.count
    switch death {
    case .before(number):
      life.end()
      throw JournalFailure("killed")
    case .torn(number):
      try file.append(entry)
      let path = "\(folder)/journal/\(file.id)"
      var status = stat()
      if stat(path, &status) == 0 { truncate(path, status.st_size - 40) }
      life.end()
      throw JournalFailure("killed")
    case .full(let first) where number >= first: throw JournalFailure("No space left on device")
    default: try file.append(entry)
    }
    if case .after(number) = death { life.end() }
  }
}

/// Repeats the recovery until there is nothing to recover. Each of the first tries is killed at the
/// next of `deaths`. A recovery that ends must leave nothing of the run that it began with.
func settle(
  _ direction: RecoveryDirection, _ state: HostState, _ folder: String, deaths: [Lifetime.Death] = [],
  jobs: Int = 1
) throws -> (state: HostState, problem: String?, trace: String) {
  var state = state
  state.simulation?.faults = []
  var deaths = deaths
  var trace = ""
  for _ in 0..<20 {
    let lifetime = Lifetime(folder, death: deaths.isEmpty ? nil : deaths.removeFirst(), jobs: jobs)
    let interrupted = try lifetime.store.obstacle()?.journal
    guard let done = try lifetime.recover(direction, on: state) else { return (state, nil, trace) }
    state = done.state
    trace += "recovery: \(done.plan.ids), \(done.end.map { "\($0)" } ?? "interrupted")\n"
    if let interrupted, done.end == (direction == .back ? .undone : .success) {
      let whole = try #require(try lifetime.store.journal(interrupted.id))
      let rest = Recovery(direction == .back ? interrupted : whole, on: HostIndex(state)).plan(direction)
      guard rest.isEmpty, rest.refusals.isEmpty else {
        return (state, "recovered, and still \(rest.ids) \(rest.refusals.map(\.details))", trace)
      }
    }
    if !done.plan.refusals.isEmpty {
      return (
        state, done.plan.refusals.map { $0.message + " " + $0.details.joined(separator: "; ") }.joined(),
        trace
      )
    }
  }
  return (state, "no end", trace)
}
