import Documents
import Execution
import HostModel
import Planning
import Reporting

extension HostOptions {
  /// Takes the host's lock. From then on no output is waited for.
  ///
  /// - Throws: code `locked` where another pcipass has it and keeps it.
  func lock(
    _ waiting: LockOptions, for task: String, _ detail: DetailLevel = .normal, on terminal: Terminal
  ) throws(Diagnostics) -> HostLock {
    terminal.showWaiting(
      "waiting for another pcipass to end", detail, "\(waiting.lockTimeout) s at most")
    defer { terminal.endWaiting() }
    let lock = try HostLock(.host, in: stateFolder, for: task, waiting: .seconds(waiting.lockTimeout))
    terminal.stopWaiting()
    return lock
  }

  /// Whether another pcipass process is changing the host now.
  func isAtWork() throws(Diagnostics) -> Bool { try HostLock.holder(of: .host, in: stateFolder) != nil }

  /// All journals that can be read; warns of the others.
  func journals(on terminal: Terminal) throws(Diagnostics) -> [Journal] {
    let (journals, problems) = try JournalStore(stateFolder).readable()
    terminal.warn(problems.map(\.asWarning))
    return journals
  }

  /// Warns of a run that was interrupted or is in progress. For commands that change nothing.
  func warnOfOpen(_ host: HostIndex, on terminal: Terminal) {
    let obstacle: JournalStore.Obstacle?
    let holder: HostLock.Owner?
    do throws(Diagnostics) {
      obstacle = try JournalStore(stateFolder).obstacle()
      holder = obstacle == nil ? nil : try HostLock.holder(of: .host, in: stateFolder)
    } catch {
      // The command goes on: what it shows of the host may be needed to repair the state folder.
      return terminal.warn(error.all.map(\.asWarning))
    }
    guard case .open(let journal) = obstacle else { return }
    if journal.end == nil, let holder {
      terminal.warn([
        Diagnostic(
          .warning, code: "running",
          "\(journal.name) is being carried out by \(holder): the host is changing")
      ])
    } else {
      terminal.warn(RecoveryText.diagnostics(Recovery(journal, on: host), .warning))
    }
  }

  /// The apply that is waiting for its confirmation; nil also where the journals cannot be read.
  var pendingConfirmation: PendingConfirmation? {
    guard sysfsRoot == nil, simulate != "-",
      let found = try? JournalStore(stateFolder).pendingConfirmation()
    else { return nil }
    return found
  }

  /// Warns that an apply is waiting for its confirmation, and says what happens without one.
  @discardableResult
  func warnOfPending(on terminal: Terminal) -> PendingConfirmation? {
    let pending = pendingConfirmation
    if let pending { terminal.warn([ConfirmationText.diagnostic(pending, .warning)]) }
    return pending
  }
}

extension JournalStore {
  /// What is recorded of the last apply; warns of journals that cannot be read.
  func lastApply(for request: Request, on terminal: Terminal) throws(Diagnostics) -> LastApply {
    let (record, problems) = try lastApply(for: request)
    terminal.warn(problems.map(\.asWarning))
    return record
  }
}
