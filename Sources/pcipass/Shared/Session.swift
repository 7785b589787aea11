import ArgumentParser
import Documents
import Execution
import HostModel
import Hosts
import Manifests
import Planning
import Reporting

/// A host that is being worked on: locked against others, with its journals.
struct Session {
  let options: HostOptions
  let host: any Host
  let store: JournalStore
  /// What is written into the kernel and run.
  let trace: TraceLine
  /// Which managers are asked.
  let managers: Managers
  private let lock: HostLock

  /// - Parameters:
  ///   - task: what it is for, told to others who wait.
  ///   - managers: which are to be asked.
  init(
    _ options: HostOptions, _ waiting: LockOptions, for task: String, detail: Detail = .normal,
    managers: (JournalStore) throws -> Managers
  ) throws {
    let lock = try options.lock(waiting, for: task, detail)
    self.options = options
    self.lock = lock
    store = JournalStore(options.stateFolder)
    let trace = TraceLine()
    self.trace = trace
    self.managers = try managers(store)
    host = try options.open(for: self.managers, lock: lock.descriptor, trace: trace.tell)
  }

  func observe() throws -> HostState { try options.observe(host) }

  /// Lets others in, also where a write was given up that may still be going on.
  func end() { lock.release() }

  /// Kernel writes that earlier runs gave up and that go on.
  var unendedWrites: [Int] { lock.unendedWrites }

  /// Ends the run where something has to be settled before the host may be changed.
  ///
  /// - Parameter rollback: the run that the command rolls back; that may wait for its confirmation.
  func requireNothingOpen(forRollbackOf rollback: Int? = nil) throws {
    switch try orFail(store.obstacle) {
    case nil: return
    case .open(let journal):
      throw fail(RecoveryText.diagnostics(Recovery(journal, on: try observe()), .error))
    case .awaitsConfirmation(let journal):
      if journal.id == rollback { return }
      let pending = try orFail { () throws(Diagnostics) in try store.pendingConfirmation() }
      warn(pending.map { [ConfirmationText.diagnostic($0, .error)] } ?? [])
      throw ExitCode.waiting
    }
  }
}

/// What a command would do, made from the host as it is.
protocol Proposal {
  var plan: Plan { get }
}

extension Session {
  /// What is asked about a proposal.
  enum Question {
    /// There is nothing to do.
    case nothing
    /// It is carried out without a question.
    case goOn
    case ask(String)
  }

  /// Makes a proposal, and has it agreed to. No question is asked while the lock is held: it is released for that, and taken
  /// again. Then the proposal is made again, because the host may have changed while the question was open.
  ///
  /// - Parameters:
  ///   - isAgreed: that nothing is asked (`--yes`).
  ///   - ask: shows the proposal, and returns the question.
  /// - Returns: nil where there is nothing to do.
  static func agreed<Made: Proposal>(
    _ isAgreed: Bool, open: () throws -> Session, propose: (Session) throws -> Made?,
    ask: (Made, Session) throws -> Question
  ) throws -> (Session, Made)? {
    guard let first = try proposed(isAgreed, open: open, propose: propose, ask: ask) else { return nil }
    if let session = first.session { return (session, first.made) }
    Terminal.waitAgain()
    try Terminal.require(first.question)
    let session = try open()
    guard let now = try propose(session), now.plan.refusals.isEmpty, now.plan.isSame(as: first.made.plan)
    else {
      let now = try propose(session)?.plan
      throw fail([.staleQuestion] + (now.map { changes(from: first.made.plan, to: $0) } ?? []))
    }
    return (session, now)
  }

  /// Where a question is next, the session goes, and the lock with it.
  private static func proposed<Made: Proposal>(
    _ isAgreed: Bool, open: () throws -> Session, propose: (Session) throws -> Made?,
    ask: (Made, Session) throws -> Question
  ) throws -> (session: Session?, made: Made, question: String)? {
    let session = try open()
    guard let made = try propose(session) else { return nil }
    return switch try ask(made, session) {
    case .nothing: nil
    case .goOn: (session, made, "")
    case .ask(let question): (isAgreed ? session : nil, made, question)
    }
  }
}

extension HostOptions {
  /// The host's lock, waited for. As long as it is held, no output is waited for.
  func lock(_ waiting: LockOptions, for task: String, _ detail: Detail = .normal) throws -> HostLock {
    Terminal.showWaiting(
      "waiting for another pcipass to end", detail, "\(waiting.lockTimeout) s at most")
    defer { Terminal.endWaiting() }
    let lock = try orFail { () throws(Diagnostics) in
      try HostLock(.host, in: stateFolder, for: task, waiting: .seconds(waiting.lockTimeout))
    }
    Terminal.stopWaiting()
    return lock
  }

  /// Whether a pcipass is changing the host now.
  func isAtWork() throws -> Bool {
    try orFail { () throws(Diagnostics) in try HostLock.holder(of: .host, in: stateFolder) } != nil
  }

  /// Says what is open, for commands that change nothing.
  func warnOfOpen(_ state: HostState) {
    let obstacle: JournalStore.Obstacle?
    let holder: HostLock.Holder?
    do throws(Diagnostics) {
      obstacle = try JournalStore(stateFolder).obstacle()
      holder = obstacle == nil ? nil : try HostLock.holder(of: .host, in: stateFolder)
    } catch {
      // What the host looks like can be seen without, and may be needed to mend that.
      return warn(error.all.map(\.asWarning))
    }
    guard case .open(let journal) = obstacle else { return }
    if journal.end == nil, let holder {
      warn([
        Diagnostic(
          .warning, code: "running",
          "\(journal.name) is being carried out by \(holder): the host is changing")
      ])
    } else {
      warn(RecoveryText.diagnostics(Recovery(journal, on: state), .warning))
    }
  }

  /// The apply that is waiting for its confirmation; nil also where the journals cannot be read.
  var pendingConfirmation: PendingConfirmation? {
    guard sysfsRoot == nil, simulate != "-",
      let found = try? JournalStore(stateFolder).pendingConfirmation()
    else { return nil }
    return found
  }

  /// Says that an apply is waiting for its confirmation, and what happens without one.
  @discardableResult
  func warnOfPending() -> PendingConfirmation? {
    let pending = pendingConfirmation
    if let pending { warn([ConfirmationText.diagnostic(pending, .warning)]) }
    return pending
  }
}
