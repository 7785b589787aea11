import Documents
import Execution
import Glibc
import Hosts

/// Sees to it that an apply is taken back which nobody confirms: a process outside of this terminal, which lives on when
/// the terminal, the session or this pcipass is gone.
enum Watchdog {
  static let patience = Duration.seconds(10)

  /// What it says of itself to others.
  static func task(_ id: Int) -> String { "watches over apply \(id)" }

  /// Before the first step: once the network is gone it would be too late.
  static func start(over journal: Journal, _ file: JournalFile, _ options: HostOptions) throws {
    let words = ["watch", "\(journal.id)"] + options.words
    do throws(NoAnswer) {
      if isSystemdHere {
        // A unit of its own: it belongs to no session that could end.
        _ = try Command.output(
          systemdRun,
          [
            "--quiet", "--collect", "--service-type=exec", "--unit=pcipass-confirm-\(journal.id)-\(getpid())",
            "--description=Takes pcipass \(journal.name) back unless it is confirmed", "--", try executable(),
          ] + words, upTo: 1 << 16, within: patience, showsErrors: true)
      } else {
        try Command.detached("/proc/self/exe", words)
      }
      try awaitIt(journal.id, options)
    } catch {
      do throws(JournalFailure) { try file.append(.ended(.undone)) } catch {}
      throw fail(
        "no-watchdog", "nothing would take the apply back in time: \(error.reason); nothing was done",
        help: "mend that, or apply without --confirm-within")
    }
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
      let holder = try? HostLock.holder(of: .watch, in: options.stateFolder)
      if let words = holder ?? nil, words.hasSuffix(task(id)) { return }
      usleep(20_000)
    }
    throw NoAnswer(reason: "the process that is to do it has not started within \(patience)")
  }
}

extension HostOptions {
  /// The same host on another command line, wherever that is run.
  var words: [String] {
    var words = ["--state-dir", absolute(stateFolder)]
    if let host { words += ["--host", host] }
    if let simulate { words += ["--simulate", absolute(simulate)] }
    if let connect { words += ["--connect", connect] }
    return words + ["--step-timeout", "\(stepTimeout)", "--unplug-timeout", "\(unplugTimeout)"]
  }

  private func absolute(_ path: String) -> String {
    guard path.utf8.first != UInt8(ascii: "/"), let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return String(cString: folder) + "/" + path
  }
}
