import Documents
import Files
import Glibc
import HostModel
import Hosts
import Planning
import Synchronization
import TestSupport

@testable import Execution

/// Whether pcipass is still there. What it does afterwards reaches neither the host nor the disk.
final class Life: Sendable {
  private let isOver = Mutex(false)

  func end() { isOver.withLock { $0 = true } }
  var isEnded: Bool { isOver.withLock { $0 } }
}

/// A simulated host, used by a pcipass that may be killed.
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

  func remember(_ state: HostState) throws(Diagnostics) {}

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

/// One life of pcipass on a host whose journals are in a folder: what the commands do, without the terminal.
struct Lifetime {
  static let keep = 10
  let store: JournalStore
  let life = Life()
  private let folder: String
  /// Which entry of the journal is the last that is written, and whether it comes to that.
  var death: Death?
  /// How many steps are done side by side; which of those that may begin is next is drawn by lot.
  private let jobs: Int
  private let seed: Int
  /// Who sees each step on its host.
  private let witness: Witness?

  enum Death: Equatable {
    /// SIGKILL before the entry of that number is written, or after it.
    case before(Int), after(Int)
    /// The power goes in the middle of it: a part of the record is on disk.
    case torn(Int)
    /// No room for this entry, nor for any behind it.
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

  /// What apply does. Nil is that pcipass was killed before it came to a journal.
  func apply(_ plan: Plan, on state: HostState) throws -> (id: Int, end: Outcome.End?, state: HostState) {
    try run(plan, as: .apply, on: state)
  }

  /// The same for a rollback.
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

  /// What recover does. Nil is that there is nothing to recover.
  ///
  /// - Parameter unconfirmed: that it is the watchdog's: also what is waiting for its confirmation goes back, as far as guards
  ///   let it.
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

/// Recovers, perhaps killed on the way, until there is nothing to recover.
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
    guard let done = try lifetime.recover(direction, on: state) else { return (state, nil, trace) }
    state = done.state
    trace += "recovery: \(done.plan.ids), \(done.end.map { "\($0)" } ?? "interrupted")\n"
    if !done.plan.refusals.isEmpty {
      return (
        state, done.plan.refusals.map { $0.message + " " + $0.details.joined(separator: "; ") }.joined(),
        trace
      )
    }
  }
  return (state, "no end", trace)
}
