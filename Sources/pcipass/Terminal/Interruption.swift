import Glibc
import Synchronization

/// Handles SIGINT, SIGTERM and SIGHUP while a plan is executed: the running steps finish, then all
/// steps are undone. A second SIGINT ends pcipass immediately; the journal then shows which steps
/// were started.
enum Interruption {
  private static let received = Atomic<CInt>(0)

  /// - Parameter hangup: whether SIGHUP is handled too; otherwise it is ignored.
  static func watch(hangup: Bool) {
    for signal in [SIGINT, SIGTERM] { handle(signal, handler) }
    handle(SIGHUP, hangup ? handler : SIG_IGN)
    unblock()
  }

  /// Unblocks the signals, which the parent process may have blocked.
  private static func unblock() { mask(SIG_UNBLOCK) }

  /// Blocks the signals in this thread: the main thread handles them.
  static func blockSignals() { mask(SIG_BLOCK) }

  private static func mask(_ way: CInt) {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
    pthread_sigmask(way, &signals, nil)
  }

  private static func handle(_ signal: CInt, _ handler: @escaping __sighandler_t) {
    var action = sigaction()
    // A signal that was ignored at the start stays ignored, as nohup(1) and background jobs of a
    // shell expect.
    sigaction(signal, nil, &action)
    guard !action.isIgnoring else { return }
    action = sigaction()
    action.__sigaction_handler.sa_handler = handler
    action.sa_flags = SA_RESTART
    sigaction(signal, &action, nil)
  }

  private static let handler: __sighandler_t = { signal in
    let first = received.compareExchange(expected: 0, desired: signal, ordering: .relaxed)
    guard !first.exchanged, signal == SIGINT else { return }
    let words: StaticString =
      "\npcipass: stopped immediately, so the run is interrupted; undo it with: pcipass recover\n"
    _ = write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
    // The status of `ExitStatus.needsOperator`; a signal handler must not initialise a static value.
    _exit(5)
  }

  /// The first signal that was received; nil if there was none.
  static var signal: CInt? {
    let signal = received.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// Ends the process by the signal, so that the shell can detect the signal.
  static func end(by signal: CInt) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = SIG_DFL
    sigaction(signal, &action, nil)
    unblock()
    kill(getpid(), signal)
  }

  /// Why no further step may start; nil if no signal was received.
  static var reason: String? {
    switch signal {
    case nil: nil
    case SIGINT: "stopped by SIGINT (Ctrl-C)"
    case SIGHUP: "stopped by SIGHUP: the terminal was closed"
    case SIGTERM: "stopped by SIGTERM"
    default: "stopped by a signal"
    }
  }
}

extension sigaction {
  fileprivate var isIgnoring: Bool {
    unsafeBitCast(__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

extension Terminal {
  /// Makes signals stop the run between two steps instead of ending the process.
  ///
  /// - Parameter hangup: whether SIGHUP stops the run too; otherwise it is ignored.
  func watchSignals(hangup: Bool) {
    if traits.takesSignals { Interruption.watch(hangup: hangup) }
  }

  /// Why no further step may start; nil if the run continues.
  var interruption: String? { traits.takesSignals ? Interruption.reason : nil }

  /// The signal that stopped the run.
  var signal: CInt? { traits.takesSignals ? Interruption.signal : nil }
}
