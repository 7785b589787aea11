import Documents
import Execution
import Files
import Glibc
import Planning
import SystemPackage

/// Starts the process that undoes an unconfirmed apply. The process continues after the terminal,
/// the login session or this process has ended.
extension Watchdog {
  /// The time limit from the start of the watchdog until it holds its lock.
  private static let startTimeout = Duration.seconds(10)
  /// The time limit for systemd to start a unit. In the lab, the first unit after a boot takes 11
  /// s.
  private static let systemdStartTimeout = Duration.seconds(60)

  /// Starts the watchdog before the first step, because the network may be lost after it. If the
  /// start fails, the journal is removed and no step is executed.
  static func start(over journal: Journal, _ file: JournalFile, _ session: Session) throws(Diagnostics) {
    do throws(SubprocessFailure) { try start(journal.id, session.options) } catch {
      session.store.remove(file)
      throw failure(error)
    }
  }

  /// Starts the watchdog for a run that is recovered, unless its watchdog is still running.
  static func resume(over journal: Journal, _ session: Session) throws(Diagnostics) {
    if try session.store.pendingConfirmation()?.watchdog != nil { return }
    do throws(SubprocessFailure) { try start(journal.id, session.options) } catch { throw failure(error) }
  }

  private static func failure(_ error: SubprocessFailure) -> Diagnostics {
    Diagnostics(
      code: "no-watchdog",
      "the watchdog that rolls back the apply could not be started: \(printable(error.reason)); nothing was changed",
      help: "fix that, or apply without --confirm-within")
  }

  /// Starts the process and waits until it holds its lock. The process reads its other parameters
  /// from the journal.
  private static func start(_ id: Int, _ options: HostOptions) throws(SubprocessFailure) {
    let words = ["watch", "\(id)"] + options.place
    if isSystemdHere {
      // A separate unit does not belong to a login session, which may end. systemd restarts the
      // unit unless it exits with 0. RestartSec= keeps the unit below the start limit
      // (systemd.unit(5), StartLimitBurst=).
      let properties = [
        "Type=exec", "Restart=always", "RestartPreventExitStatus=0", "RestartSec=3", "OOMScoreAdjust=-1000",
      ]
      _ = try Subprocess.output(
        systemdRun,
        ["--quiet", "--collect", "--unit=pcipass-confirm-\(id)-\(getpid())"]
          + properties.map { "--property=" + $0 }
          + ["--description=Roll back pcipass apply \(id) unless it is confirmed", "--", try executable()]
          + words, upTo: 1 << 16, within: systemdStartTimeout, showsErrors: true)
    } else {
      try Subprocess.detached("/proc/self/exe", words)
    }
    try waitUntilRunning(id, options)
  }

  private static let systemdRun = "/usr/bin/systemd-run"

  /// Whether units can be started: systemd is the init process (sd_booted(3)), systemd-run exists
  /// and the user is root.
  private static var isSystemdHere: Bool {
    geteuid() == 0 && access("/run/systemd/system", F_OK) == 0 && access(systemdRun, X_OK) == 0
  }

  private static func executable() throws(SubprocessFailure) -> String {
    do throws(Errno) { return try Folder.link(at: "/proc/self/exe") } catch {
      throw SubprocessFailure(reason: "/proc/self/exe cannot be read")
    }
  }

  private static func waitUntilRunning(_ id: Int, _ options: HostOptions) throws(SubprocessFailure) {
    let isThere = waitUntil(within: startTimeout) {
      let holder = (try? HostLock.holder(of: .watch, in: options.stateFolder)) ?? nil
      return holder?.words == WatchdogLockText.task(id)
    }
    guard isThere else {
      throw SubprocessFailure(reason: "the watchdog process has not started within \(startTimeout)")
    }
  }
}

extension HostOptions {
  /// The options that select the same host and journals in a process with another working
  /// directory.
  var place: [String] {
    ["--state-dir", absolute(stateFolder)] + (simulate.map { ["--simulate", absolute($0)] } ?? [])
      + (host.map { ["--host", $0] } ?? [])
  }

  private func absolute(_ path: String) -> String {
    guard path.utf8.first != UInt8(ascii: "/"), let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return String(cString: folder) + "/" + path
  }
}
