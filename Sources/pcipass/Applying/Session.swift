import Documents
import Execution
import HostModel
import Hosts
import Planning
import Reporting

/// A host that is being worked on: locked against others, with its journals.
struct Session {
  let options: HostOptions
  let terminal: Terminal
  let host: any Host
  let store: JournalStore
  /// What is written into the kernel and run.
  let trace: TraceLine
  /// Which managers of guests are asked.
  let managers: Managers
  private let lock: HostLock

  /// - Parameters:
  ///   - task: what it is for; other programs that wait for the lock show it.
  ///   - managers: chooses which managers are asked; the journals may name them.
  /// - Throws: code `locked` where another pcipass has the lock.
  init(
    _ options: HostOptions, _ waiting: LockOptions, for task: String, detail: DetailLevel = .normal,
    on terminal: Terminal, managers: (JournalStore) throws(Diagnostics) -> Managers
  ) throws(Diagnostics) {
    let lock = try options.lock(waiting, for: task, detail, on: terminal)
    self.options = options
    self.terminal = terminal
    self.lock = lock
    store = JournalStore(options.stateFolder)
    let trace = TraceLine()
    self.trace = trace
    self.managers = try managers(store)
    host = try options.open(for: self.managers, lock: lock.descriptor, trace: trace.send)
  }

  func observe() throws(Diagnostics) -> HostIndex { HostIndex(try options.observe(host, on: terminal)) }

  /// The context of the run that this process executes. No other run can have rolled it back, so no other journal is read.
  func context(with run: Journal) -> RunContext {
    RunContext(
      of: [run], isAtWork: false, pending: run.isWatched ? try? store.pendingConfirmation() : nil)
  }

  /// Lets others in, also where a write was given up that may still be going on.
  func end() { lock.release() }

  /// Kernel writes that earlier runs gave up and that go on.
  var unendedWrites: [Int] { lock.unendedWrites }

  /// Throws where an earlier run must be recovered or confirmed before the host may be changed.
  ///
  /// - Parameter rollback: the run that the command rolls back; that one may wait for its confirmation.
  func requireNothingOpen(forRollbackOf rollback: Int? = nil) throws {
    switch try store.obstacle() {
    case nil: return
    case .open(let journal):
      throw Diagnostics(RecoveryText.diagnostics(Recovery(journal, on: try observe()), .error))
    case .awaitsConfirmation(let journal):
      if journal.id == rollback { return }
      let pending = try store.pendingConfirmation()
      throw CommandFailure(
        diagnostics: pending.map { [ConfirmationText.diagnostic($0, .error)] } ?? [], atLeast: .waiting)
    }
  }
}
