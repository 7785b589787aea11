import Documents
import Execution
import HostModel
import Hosts
import Planning
import Reporting

/// A locked host with its journals. No other pcipass process can change the host during the
/// session.
struct Session {
  let options: HostOptions
  let terminal: Terminal
  let host: any Host
  let store: JournalStore
  /// Reports the kernel writes and the programs of the steps.
  let trace: TraceLine
  /// The guest managers that are queried.
  let managers: Managers
  private let lock: HostLock

  /// - Parameters:
  ///   - task: the purpose of the session, which other processes show while they wait for the lock.
  ///   - managers: chooses the managers that are queried; the journals may name them.
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

  func observe() throws(Diagnostics) -> HostIndex {
    let index = HostIndex(try options.observe(host, on: terminal))
    updateBootRecord(seeing: index)
    return index
  }

  private var boot: BootStore { BootStore(options.stateFolder) }

  /// The boot record with all runs, also one that waits for its confirmation; nil if it cannot be read, of which
  /// `updateBootRecord` warns.
  var bootRecord: BootRecord? { try? boot.load().catchingUp(with: store, asIfConfirmed: true) }

  /// Adds runs that have become final to the boot record, and that the host was seen.
  func updateBootRecord(seeing host: HostIndex?) {
    do throws(Diagnostics) { try boot.catchUp(seeing: host) } catch { warn(ofBootRecord: error) }
  }

  /// Adds to the boot record that an apply found nothing to change.
  func confirmBootRecord(_ resolved: ResolvedRequest, _ plan: Plan) {
    do throws(Diagnostics) {
      try boot.update { record throws(Diagnostics) in record.confirming(resolved, plan) }
    } catch { warn(ofBootRecord: error) }
  }

  private func warn(ofBootRecord error: Diagnostics) {
    terminal.warn([.bootRecord(error)])
  }

  /// The context of the run that this process executes. No other journal is read, because no other
  /// run can have rolled this one back.
  func context(with run: Journal) -> RunContext {
    RunContext(
      of: [run], isAtWork: false, pending: run.isWatched ? try? store.pendingConfirmation() : nil)
  }

  /// The run that this run undoes; nil for an apply, and if its journal is gone.
  func undone(by run: Journal) throws(Diagnostics) -> Journal? {
    guard let id = run.isRollbackOf else { return nil }
    return try store.journal(id)
  }

  /// Releases the lock, even if an abandoned kernel write is still in progress.
  func end() { lock.release() }

  /// The ids of processes that still execute kernel writes that earlier runs abandoned.
  var unendedWrites: [Int] { lock.unendedWrites }

  /// Throws where an earlier run must be recovered or confirmed before the host may be changed.
  ///
  /// - Parameter rollback: the run that the command rolls back; this run may wait for its
  ///   confirmation.
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
