import Documents
import Execution
import Glibc
import Hosts
import Planning

/// Starts the process that undoes an apply which is not confirmed: outside of this terminal, it lives on when the terminal,
/// the session or this pcipass is gone.
extension Watchdog {
  /// How long the watchdog itself may take to be there.
  private static let patience = Duration.seconds(10)
  /// How long systemd may take to start a unit. In the lab the first one after a boot takes 11 s.
  private static let patienceWithSystemd = Duration.seconds(60)

  /// Before the first step: once the network is gone it would be too late. Where it cannot be started, nothing of the run
  /// was begun, and its journal goes.
  static func start(over journal: Journal, _ file: JournalFile, _ session: Session) throws {
    do throws(NoAnswer) { try start(journal.id, session.options) } catch {
      session.store.remove(file)
      throw failure(error)
    }
  }

  /// The same for a run that is taken up again, and may have its watchdog still.
  static func resume(over journal: Journal, _ session: Session) throws {
    let pending = try orFail { () throws(Diagnostics) in try session.store.pendingConfirmation() }
    if pending?.watchdog != nil { return }
    do throws(NoAnswer) { try start(journal.id, session.options) } catch { throw failure(error) }
  }

  private static func failure(_ error: NoAnswer) -> any Error {
    fail(
      "no-watchdog", "nothing would undo the apply in time: \(error.reason); nothing was done",
      help: "mend that, or apply without --confirm-within")
  }

  /// All that it needs besides stands in the journal.
  private static func start(_ id: Int, _ options: HostOptions) throws(NoAnswer) {
    let words = ["watch", "\(id)"] + options.place
    if isSystemdHere {
      // A unit of its own belongs to no session that could end. It is started again whatever ends it, but for its own end.
      // The pause keeps it below the limit of starts (systemd.unit(5), StartLimitBurst=).
      let properties = [
        "Type=exec", "Restart=always", "RestartPreventExitStatus=0", "RestartSec=3", "OOMScoreAdjust=-1000",
      ]
      _ = try Command.output(
        systemdRun,
        ["--quiet", "--collect", "--unit=pcipass-confirm-\(id)-\(getpid())"]
          + properties.map { "--property=" + $0 }
          + ["--description=Rolls pcipass apply \(id) back unless it is confirmed", "--", try executable()]
          + words, upTo: 1 << 16, within: patienceWithSystemd, showsErrors: true)
    } else {
      try Command.detached("/proc/self/exe", words)
    }
    try awaitIt(id, options)
  }

  private static let systemdRun = "/usr/bin/systemd-run"

  /// sd_booted(3); only root may start units there.
  private static var isSystemdHere: Bool {
    geteuid() == 0 && access("/run/systemd/system", F_OK) == 0 && access(systemdRun, X_OK) == 0
  }

  private static func executable() throws(NoAnswer) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0, count < buffer.count else { throw NoAnswer(reason: "/proc/self/exe cannot be read") }
    return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static func awaitIt(_ id: Int, _ options: HostOptions) throws(NoAnswer) {
    let end = ContinuousClock.now + patience
    while .now < end {
      let holder = (try? HostLock.holder(of: .watch, in: options.stateFolder)) ?? nil
      if holder?.words == WatchWords.task(id) { return }
      usleep(20_000)
    }
    throw NoAnswer(reason: "the process that is to do it has not started within \(patience)")
  }
}

extension HostOptions {
  /// The same host and its journals on another command line, wherever that is run.
  var place: [String] {
    ["--state-dir", absolute(stateFolder)] + (simulate.map { ["--simulate", absolute($0)] } ?? [])
  }

  private func absolute(_ path: String) -> String {
    guard path.utf8.first != UInt8(ascii: "/"), let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return String(cString: folder) + "/" + path
  }
}
