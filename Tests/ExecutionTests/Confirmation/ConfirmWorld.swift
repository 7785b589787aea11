import Documents
import Files
import Foundation
import HostModel
import Hosts
import Planning
import Synchronization
import TestSupport

@testable import Execution

/// A random host on which an apply must be confirmed, with its processes, clocks, disk and name.
/// Any of these may change at any second.
///
/// Journals, the rollback and the watchdog's decisions are pcipass's own; processes and locks are
/// simulated.
final class ConfirmWorld {
  /// The events of each second, as an operator would see them.
  private(set) var transcript: [String] = []
  private(set) var figures: [String: Int] = [:]
  private var dice: Dice
  private let folder: String
  private let clock = WorldClock()
  private var state: HostState
  private let start: Standing
  private let isUnderSystemd: Bool
  /// Whether a journal can use the space that it reserved although the disk is full.
  private let isReserved: Bool
  /// The chance of an event in each second, in percent.
  private let pace: Int
  private var boot = 1

  /// The process of the apply; it has the host's lock unless it is gone.
  private var apply = RunningProcess.ProcessState.gone
  private var watch = Watch()
  /// Another process that has the lock, until that second.
  private var other: (isStopped: Bool, until: Int)?
  private var isDiskFull = false
  private var isUnreadable = false

  private static let applyProcess = 50_000_001
  private static let watchProcess = 50_000_002
  private static let otherProcess = 50_000_003

  private struct Watch {
    enum State { case running, stopped, dead }
    var state = State.running
    /// Nil before its first look: it has no memory of the time before its start.
    var loop: WatchLoop<WatchedWorld>?
    /// The reason in its lock file why the apply is not undone.
    var reason: String?
    /// The second of its next look, or at which systemd starts it again.
    var next = 0
  }

  // The state of the oracle.
  private var second = 0
  private var within = 0
  /// When the run last wrote to its journal, in milliseconds since the boot.
  private var lastActivity = 0
  private var confirmedState: HostState?
  /// The invariant that was broken in a function that cannot throw.
  private var problem: BrokenInvariant?
  /// Whether no event since the apply has affected its rollback.
  private var isUntouched = true
  /// For how many seconds nothing has prevented the rollback.
  private var clear = 0

  /// Nil where the host of that seed has nothing to apply.
  init?(seed: Int, folder: String) throws {
    let random = RandomCase(seed: seed)
    state = random.start
    state.kernel.bootID = Self.bootID(1)
    dice = random.dice
    if dice.chance(50) { state.machine = "0123456789abcdef0123456789abcdef" }
    start = Standing(state)
    self.folder = folder
    isUnderSystemd = dice.chance(50)
    isReserved = dice.chance(80)
    pace = dice.one(1, 4, 12)
    let plan = Planner.plan(random.request, on: state)
    guard plan.refusals.isEmpty, !plan.isEmpty else { return nil }
    within = dice.one(5, 20, 60)
    guard try run(plan) else { return nil }
  }

  private static func bootID(_ number: Int) -> String {
    "00000000-0000-4000-8000-" + String(repeating: "0", count: 11) + "\(number % 10)"
  }

  private var store: JournalStore { JournalStore(folder, clock: clock.clock) }
  private var bootID: String { Self.bootID(boot) }

  private func say(_ words: String) { transcript.append("\(second) s: \(words)") }
  private func count(_ what: String) { figures[what, default: 0] += 1 }

  // MARK: The apply

  /// Runs the plan; whether it left changes that must be confirmed.
  private func run(_ plan: Plan) throws -> Bool {
    let entries = 2 * plan.steps.count + 1
    var death: Lifetime.Death?
    var onFailure = Executor.OnFailure.undo
    var before = state
    switch dice.number(0..<10) {
    case 0..<2: death = dice.one(.before(dice.number(1..<entries)), .after(dice.number(1..<entries)))
    case 2..<5:
      death = .before(dice.number(1..<entries))
      apply = .stopped
    case 5:
      onFailure = .stop
      before.simulation?.faults = [
        Simulation.Fault(step: plan.steps[dice.number(0..<plan.steps.count)].id, effect: .refused)
      ]
    default: break
    }
    let record = RunRecord(
      process: ProcessIdentity(number: Self.applyProcess, start: 1, boot: bootID), libvirt: nil,
      stepTimeout: 60, unplugTimeout: 20, jobs: 1)
    let done = try Lifetime(folder, death: death, clock: clock.clock).run(
      plan, as: .apply, confirmWithin: within, onFailure: onFailure, record: record, on: before)
    state = done.state
    state.simulation?.faults = []
    lastActivity = clock.uptime
    if case .after? = death { apply = .gone }
    say(
      "pcipass apply --confirm-within \(within)s --on-failure \(onFailure.rawValue)"
        + "  # \(death.map { "\($0)" } ?? "to its end"), \(apply), \(isUnderSystemd ? "" : "no ")systemd")
    let isWatched = try store.obstacle()?.journal.isWatched ?? false
    guard isWatched || Standing(state) == start else {
      throw BrokenInvariant(
        "what an apply has left waits for its confirmation", Standing(state).difference(from: start))
    }
    return isWatched
  }

  // MARK: Seconds

  /// Simulates one second with its events.
  func step() throws {
    second += 1
    clock.advance(1000)
    if let end = other?.until, end <= second { other = nil }
    isUnreadable = false
    if dice.chance(pace) { try happen() }
    if watch.state == .dead, isUnderSystemd, watch.next <= second, boot == 1 {
      watch = Watch(next: second)
      say("systemd starts the watchdog again")
    }
    if watch.state == .running, watch.next <= second { try turn() }
    try holds()
  }

  private var holder: HostLock.Owner? {
    if let other {
      return HostLock.Owner(process: Self.otherProcess, words: "rollback", isStopped: other.isStopped)
    }
    return apply == .gone
      ? nil : HostLock.Owner(process: Self.applyProcess, words: "apply", isStopped: apply == .stopped)
  }

  private func happen() throws {
    switch dice.number(0..<16) {
    case 0..<2: try confirm()
    case 2: endWatch("kill -KILL", .dead, again: second + 3)
    case 3 where watch.state == .running: endWatch("kill -STOP", .stopped, again: second)
    case 4 where watch.state == .stopped:
      watch.state = .running
      say("kill -CONT watchdog")
    case 5 where holder == nil:
      other = (dice.chance(50), second + dice.one(3, 20, 1000))
      isUntouched = false
      say("another pcipass has the lock until \(other?.until ?? 0) s")
    case 6:
      let days = dice.one(-400, -1, 1, 400)
      clock.setWall(by: days * 86_400_000)
      say("date -s '\(days) days'")
    case 7, 15:
      state.host = dice.one("dhcp-17", "localhost")
      say("hostname \(state.host)")
    case 8:
      apply = .gone
      other = nil
      endWatch("systemctl soft-reboot", .dead, again: Int.max)
    case 9 where dice.chance(30):
      boot += 1
      apply = .gone
      other = nil
      clock.restart()
      state.reboot(renumbered: false, replaced: false, boot)
      state.kernel.bootID = bootID
      isUntouched = false
      endWatch("reboot", .dead, again: Int.max)
    case 10:
      isDiskFull.toggle()
      if !isReserved { isUntouched = false }
      say(isDiskFull ? "the disk is full" : "the disk has room again")
    case 11:
      isUnreadable = true
      say("the state folder cannot be read for a second")
    case 12:
      // The rollback waits for an answer, and so has no lock.
      say("pcipass rollback  # on a terminal that is frozen")
    case 13, 14:
      let event = WorldEvent.any(&dice)
      let before = state
      event.change(&state)
      if state != before {
        isUntouched = false
        say(event.words)
      }
    default: break
    }
  }

  private func endWatch(_ words: String, _ new: Watch.State, again: Int) {
    guard watch.state != .dead || again == Int.max else { return }
    watch.state = new
    watch.next = again
    isUntouched = false
    say("\(words)  # the watchdog is \(new)")
  }

  /// Confirms the apply as the command does, under the lock.
  private func confirm() throws {
    guard holder == nil, !isDiskFull || isReserved,
      case .awaitsConfirmation(let journal)? = try store.obstacle()
    else { return }
    try store.append(to: journal.id).append(.confirmed(by: "root"))
    confirmedState = state
    count("confirmed")
    say("pcipass confirm")
  }

  // MARK: The watchdog

  private func turn() throws {
    var loop = watch.loop ?? WatchLoop(WatchedWorld(world: self))
    watch.next = loop.turn() == nil ? Int.max : second + 1
    watch.loop = loop
    if let problem { throw problem }
  }

  fileprivate func look() throws(Diagnostics) -> Watchdog.Observation {
    guard !isUnreadable else {
      throw Diagnostics(code: "state-folder", "the state folder cannot be read")
    }
    let journal = try store.obstacle()?.journal
    return Watchdog.Observation(
      now: clock.now, boot: bootID, journal: journal.flatMap { $0.isWatched ? $0 : nil }, apply: apply,
      holder: holder)
  }

  fileprivate func kill() {
    if boot == 1, clock.uptime < lastActivity + within * 1000 + 10_000 {
      problem = BrokenInvariant("no apply is killed before ten seconds after its time")
    }
    apply = .gone
    count("killed")
    say("the watchdog kills the apply")
  }

  /// Rolls the apply back as the command does, under the lock, and returns why it could not; nil if
  /// it could.
  fileprivate func undo() -> String? {
    if boot == 1, clock.uptime < lastActivity + within * 1000 {
      problem = BrokenInvariant("nothing is undone before its time", "\(clock.uptime - lastActivity) ms")
    }
    do { return try failureOfUndoing() } catch {
      problem = BrokenInvariant("the way back does not throw", "\(error)")
      return "\(error)"
    }
  }

  private func failureOfUndoing() throws -> String? {
    guard let journal = try store.obstacle()?.journal else { return nil }
    guard journal.hostMatch(on: state, named: nil) == .sameHost else {
      return "this plan is for another host"
    }
    if isDiskFull, !isReserved { return "the journal cannot be written" }
    var death: Lifetime.Death?
    if dice.chance(10) {
      death = .before(journal.lines.count + dice.number(1..<6))
      isUntouched = false
    }
    let done = try Lifetime(folder, death: death, clock: clock.clock)
      .recover(.back, unconfirmed: true, on: state)
    guard let done else { return nil }
    state = done.state
    let isSettled = try store.obstacle() == nil
    say("the watchdog undoes: \(isSettled ? "undone" : "not yet")")
    count(isSettled ? "undone" : "tried in vain")
    return isSettled ? nil : done.plan.refusals.first?.message ?? "the way back was interrupted"
  }

  fileprivate var now: Moment { clock.now }

  fileprivate func read() -> Journal? { (try? store.obstacle()?.journal) ?? nil }

  fileprivate func write(_ reason: String) -> String? {
    if isDiskFull, !isReserved { return "No space left on device" }
    guard let journal = read() else { return nil }
    try? store.append(to: journal.id).append(.unconfirmed(reason))
    return nil
  }

  fileprivate func tell(_ reason: String?) { watch.reason = reason }

  // MARK: What must hold

  private func holds() throws {
    let journal = try store.obstacle()?.journal
    clear = isClear ? clear + 1 : 0
    if let confirmedState {
      guard journal == nil,
        state.functions.map(\.driver) == confirmedState.functions.map(\.driver) || !isUntouched
      else { throw BrokenInvariant("what was confirmed stays") }
      return
    }
    guard let journal, journal.isWatched else {
      // The apply is undone: a host without other events is as before.
      guard !isUntouched || Standing(state) == start else {
        throw BrokenInvariant(
          "an apply that was not confirmed is undone", Standing(state).difference(from: start))
      }
      return
    }
    let task = WatchdogLockText.task(journal.id)
    let watchdog = HostLock.Owner(
      process: Self.watchProcess,
      words: watch.reason.map { WatchdogLockText.task(journal.id, notUndone: $0) } ?? task,
      isStopped: watch.state == .stopped)
    let isOver = boot > 1 || clock.uptime >= lastActivity + within * 1000
    guard
      let pending = PendingConfirmation(
        journal, watchedBy: watch.state == .dead ? nil : watchdog, at: clock.now, boot: bootID),
      pending.isOver == isOver
    else { throw BrokenInvariant("every command says whether the time is over") }
    guard pending.isGuarded == (watch.state == .running) else {
      throw BrokenInvariant("every command says whether a process rolls it back", "\(pending)")
    }
    let isTimeout = boot > 1 || clock.uptime >= lastActivity + within * 1000 + 60_000
    guard !isTimeout || !pending.isGuarded || pending.reason != nil else {
      throw BrokenInvariant("60 s after its time it is undone, or every command says why not", "\(pending)")
    }
    // Its longest pause is 30 s.
    guard !isTimeout || clear < 45 else {
      throw BrokenInvariant("where nothing stands in the way any more it is undone", "\(pending)")
    }
  }

  /// Whether only the watchdog's own pause delays the rollback.
  private var isClear: Bool {
    guard watch.state == .running, holder == nil, !isUnreadable, !isDiskFull || isReserved,
      let journal = read(), boot > 1 || clock.uptime >= lastActivity + within * 1000
    else { return false }
    return Recovery(journal, on: HostIndex(state)).plan(.back).refusals.isEmpty
  }
}

/// The watchdog in the simulated world.
private struct WatchedWorld: WatchEffects {
  unowned let world: ConfirmWorld

  var now: Moment { world.now }

  func look() throws(Diagnostics) -> Watchdog.Observation { try world.look() }
  func undo(_ apply: Journal) -> String? { world.undo() }
  func read() -> Journal? { world.read() }
  func write(_ reason: String) -> String? { world.write(reason) }
  func announce(_ reason: String?) { world.tell(reason) }

  func kill(_ apply: Journal) -> String? {
    world.kill()
    return nil
  }
}

/// Two clocks: the monotonic clock, which cannot be set, and the wall clock, which can.
private final class WorldClock: Sendable {
  private let moment = Mutex(Moment(at: Timestamp(milliseconds: 1_800_000_000_000), uptime: 0))

  var clock: HostClock { HostClock { self.now } }
  var now: Moment { moment.withLock { $0 } }
  var uptime: Int { now.uptime ?? 0 }

  func advance(_ milliseconds: Int) {
    moment.withLock {
      $0.at.milliseconds += milliseconds
      $0.uptime = ($0.uptime ?? 0) + milliseconds
    }
  }

  func setWall(by milliseconds: Int) { moment.withLock { $0.at.milliseconds += milliseconds } }
  func restart() { moment.withLock { $0.uptime = 0 } }
}
