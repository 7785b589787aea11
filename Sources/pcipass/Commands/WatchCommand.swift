import ArgumentParser
import Execution
import Files
import Glibc

/// The watchdog that `apply --confirm-within` starts. It undoes the apply unless the apply is
/// confirmed in time.
struct WatchCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Roll back an apply unless it is confirmed in time.", shouldDisplay: false
  )

  @OptionGroup var options: HostOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The number of the apply.")
  var id: Int

  func run(on terminal: Terminal) throws -> ExitStatus {
    signal(SIGHUP, SIG_IGN)
    keepAlive()
    let lock = try HostLock(
      .watch, in: options.stateFolder, for: WatchdogLockText.task(id), waiting: .seconds(10))
    defer { lock.release() }
    var loop = WatchLoop(HostWatch(id: id, options: options, lock: lock))
    while let pause = loop.turn() { sleep(for: .milliseconds(max(pause, 1))) }
    return .success
  }

  /// Protects this process from the OOM killer. Only root can do that.
  private func keepAlive() {
    let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, "-1000", 5)
    close(file)
  }
}
