import Documents
import Execution
import HostModel
import Hosts
import Manifests
import Reporting

/// A host that is being worked on: locked against others, with its journals.
struct Session {
  let options: HostOptions
  let host: any Host
  let store: JournalStore
  /// What is written into the kernel and run.
  let trace: TraceLine
  private let lock: HostLock

  /// - Parameters:
  ///   - task: what it is for, told to others who wait.
  ///   - guests: those whose managers are to be asked.
  init(
    _ options: HostOptions, _ waiting: LockOptions, for task: String, detail: Detail = .normal,
    guests: (JournalStore) throws -> [GuestManifest]
  ) throws {
    let folder = options.stateFolder
    Terminal.showWaiting(
      "waiting for another pcipass to end", detail, "\(waiting.lockTimeout) s at most")
    defer { Terminal.endWaiting() }
    let lock = try orFail { () throws(Diagnostics) in
      try HostLock(.host, in: folder, for: task, waiting: .seconds(waiting.lockTimeout))
    }
    self.options = options
    self.lock = lock
    store = JournalStore(folder)
    let trace = TraceLine()
    self.trace = trace
    host = try options.open(for: try guests(store), lock: lock.descriptor, trace: trace.tell)
  }

  func observe() throws -> HostState { try options.observe(host) }

  /// Lets others in, also where a write was given up that may still be going on.
  func end() { lock.release() }

  /// Kernel writes that earlier runs gave up and that go on.
  var unendedWrites: [Int] { lock.others }

  /// Ends the run where something has to be settled before the host may be changed.
  ///
  /// - Parameter rollback: what is to be taken back; that may wait for its confirmation.
  func requireNothingOpen(forRollbackOf rollback: Int? = nil) throws {
    switch try orFail(store.obstacle) {
    case nil: return
    case .open(let journal):
      throw fail(RecoveryText.diagnostics(Recovery(journal, on: try observe()), .error))
    case .awaitsConfirmation(let journal):
      if journal.id == rollback { return }
      throw fail([ConfirmationText.diagnostic(journal, .error)])
    }
  }
}

extension HostOptions {
  /// Whether a pcipass is changing the host now.
  func isAtWork() throws -> Bool {
    try orFail { () throws(Diagnostics) in try HostLock.holder(of: .host, in: stateFolder) } != nil
  }

  /// Says what is open, for commands that change nothing.
  func warnOfOpen(_ state: HostState) {
    let obstacle: JournalStore.Obstacle?
    let holder: String??
    do throws(Diagnostics) {
      obstacle = try JournalStore(stateFolder).obstacle()
      holder = obstacle == nil ? nil : try HostLock.holder(of: .host, in: stateFolder)
    } catch {
      // What the host looks like can be seen without: somebody may have to, in order to mend that.
      return warn(error.all.map(\.asWarning))
    }
    switch obstacle {
    case nil: return
    case .open(let journal):
      if journal.end == nil, let holder {
        warn([
          Diagnostic(
            .warning, code: "running",
            "\(journal.name) is being carried out\(holder.map { " by " + $0 } ?? ""): the host is changing")
        ])
      } else {
        warn(RecoveryText.diagnostics(Recovery(journal, on: state), .warning))
      }
    case .awaitsConfirmation(let journal): warn([ConfirmationText.diagnostic(journal, .warning)])
    }
  }
}
