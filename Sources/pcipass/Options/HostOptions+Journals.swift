import Documents
import Execution
import Files
import Glibc
import HostModel
import Planning
import Reporting

extension HostOptions {
  /// Why this user cannot read the state folder; nil where the folder can be read or does not
  /// exist.
  var hiddenState: Diagnostic? {
    guard isLive else { return nil }
    do throws(FileError) { _ = try StateFolder.existing(stateFolder) } catch {
      guard error.needsRoot else { return nil }
      return Diagnostic(
        .warning, code: "not-root",
        "\(error), so journals and recorded NICs are unknown", help: "run as root")
    }
    return nil
  }

  /// Whether facts about the host may be recorded.
  var canRemember: Bool {
    guard hasJournals, simulate != "-" else { return false }
    return geteuid() == 0 || simulate != nil || stateDirectory != nil
  }

  /// Records that the host was seen, for the next boot.
  ///
  /// - Returns: the boot record; nil if it cannot be read, of which a warning is printed.
  @discardableResult
  func saw(_ host: HostIndex, on terminal: Terminal) -> BootRecord? {
    // A folder that cannot be trusted or read is reported with its journals.
    guard canRemember, (try? JournalStore(stateFolder).ids()) != nil else { return nil }
    do throws(Diagnostics) { return try BootStore(stateFolder).saw(host) } catch {
      terminal.warn([.bootRecord(error)])
      return nil
    }
  }

  /// Whether there are journals of the host that this user can read.
  var hasJournals: Bool { sysfsRoot == nil && hiddenState == nil }

  /// Takes the lock of the host. Afterwards the process does not wait for its output to be written.
  ///
  /// - Throws: code `locked` if another pcipass holds the lock until the timeout.
  func lock(
    _ waiting: LockOptions, for task: String, _ detail: DetailLevel = .normal, on terminal: Terminal
  ) throws(Diagnostics) -> HostLock {
    terminal.showWaiting(
      "waiting for another pcipass to finish", detail, "at most \(waiting.lockTimeout) s")
    defer { terminal.endWaiting() }
    let lock = try HostLock(.host, in: stateFolder, for: task, waiting: .seconds(waiting.lockTimeout))
    terminal.stopWaiting()
    return lock
  }

  /// Records a run in the journal of systemd, if the host is not a simulation or a file tree.
  func log(_ report: RunReport, _ status: ExitStatus) {
    if isLive { SystemJournal.send(RunLog.fields(report, exitStatus: status.code)) }
  }

  /// Whether another pcipass process is changing the host now.
  func isAtWork() throws(Diagnostics) -> Bool { try HostLock.holder(of: .host, in: stateFolder) != nil }

  /// All journals that can be read; warns of the others.
  func journals(on terminal: Terminal) throws(Diagnostics) -> [Journal] {
    try readableJournals(on: terminal).journals
  }

  /// The same, and whether these are all journals of the host.
  func readableJournals(
    on terminal: Terminal
  ) throws(Diagnostics) -> (journals: [Journal], isComplete: Bool) {
    let (journals, problems) = try JournalStore(stateFolder).readable()
    terminal.warn(problems.map(\.asWarning))
    return (journals, problems.isEmpty)
  }

  /// Warns of a run that was interrupted or is in progress. For commands that change nothing.
  ///
  /// - Returns: whether a run was interrupted, so that an operator is needed.
  @discardableResult
  func warnOfOpen(_ host: HostIndex, on terminal: Terminal) -> Bool {
    let obstacle: JournalStore.Obstacle?
    let holder: HostLock.Owner?
    do throws(Diagnostics) {
      obstacle = try JournalStore(stateFolder).obstacle()
      holder = obstacle == nil ? nil : try HostLock.holder(of: .host, in: stateFolder)
    } catch {
      // The command continues, because its output may be needed to repair the state folder.
      terminal.warn(error.all.map(\.asWarning))
      return false
    }
    guard case .open(let journal) = obstacle else { return false }
    if journal.end == nil, let holder {
      terminal.warn([
        Diagnostic(
          .warning, code: "running",
          "\(journal.name) is being executed by \(holder): the host is changing")
      ])
    } else {
      terminal.warn(RecoveryText.diagnostics(Recovery(journal, on: host), .warning))
      return true
    }
    return false
  }

  /// The apply that is waiting for its confirmation; nil also where the journals cannot be read.
  var pendingConfirmation: PendingConfirmation? {
    guard hasJournals, simulate != "-",
      let found = try? JournalStore(stateFolder).pendingConfirmation()
    else { return nil }
    return found
  }

  /// Warns that an apply is waiting for its confirmation.
  @discardableResult
  func warnOfPending(on terminal: Terminal) -> PendingConfirmation? {
    let pending = pendingConfirmation
    if let pending { terminal.warn([ConfirmationText.diagnostic(pending, .warning)]) }
    return pending
  }
}

extension JournalStore {
  /// The record of the last apply. Warns of journals that cannot be read.
  func lastApply(for request: Request, on terminal: Terminal) throws(Diagnostics) -> LastApply {
    let (record, problems) = try lastApply(for: request)
    terminal.warn(problems.map(\.asWarning))
    return record
  }
}
