import Documents
import Execution
import Files
import Glibc
import Planning
import SystemPackage

/// Starts the process that undoes an apply unless it is confirmed. The process does not end with the terminal, the session
/// or this pcipass.
extension Watchdog {
  /// How long the watchdog may take from its start until it holds its lock.
  private static let startTimeout = Duration.seconds(10)
  /// How long systemd may take to start a unit. In the lab the first one after a boot takes 11 s.
  private static let systemdStartTimeout = Duration.seconds(60)

  /// Starts it before the first step: afterwards the network may be gone. Where that fails, no step was begun, and the
  /// journal is removed.
  static func start(over journal: Journal, _ file: JournalFile, _ session: Session) throws(Diagnostics) {
    do throws(SubprocessFailure) { try start(journal.id, session.options) } catch {
      session.store.remove(file)
      throw failure(error)
    }
  }

  /// The same for a run that is recovered and may still have its watchdog.
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

  /// The process reads everything else that it needs from the journal.
  private static func start(_ id: Int, _ options: HostOptions) throws(SubprocessFailure) {
    let words = ["watch", "\(id)"] + options.place
    if isSystemdHere {
      // A unit of its own does not belong to a session that may end. systemd starts it again unless it ends with 0. The
      // pause keeps it below the limit of starts (systemd.unit(5), StartLimitBurst=).
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
    try awaitIt(id, options)
  }

  private static let systemdRun = "/usr/bin/systemd-run"

  /// As sd_booted(3) tells; only root may start units.
  private static var isSystemdHere: Bool {
    geteuid() == 0 && access("/run/systemd/system", F_OK) == 0 && access(systemdRun, X_OK) == 0
  }

  private static func executable() throws(SubprocessFailure) -> String {
    do throws(Errno) { return try Folder.link(at: "/proc/self/exe") } catch {
      throw SubprocessFailure(reason: "/proc/self/exe cannot be read")
    }
  }

  private static func awaitIt(_ id: Int, _ options: HostOptions) throws(SubprocessFailure) {
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
  /// The options that name the same host and journals in a command line that runs in another folder.
  var place: [String] {
    ["--state-dir", absolute(stateFolder)] + (simulate.map { ["--simulate", absolute($0)] } ?? [])
  }

  private func absolute(_ path: String) -> String {
    guard path.utf8.first != UInt8(ascii: "/"), let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return String(cString: folder) + "/" + path
  }
}
