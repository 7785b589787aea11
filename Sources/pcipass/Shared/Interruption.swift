import Glibc
import Synchronization

/// SIGINT, SIGTERM and SIGHUP while a plan is carried out: the step in hand is ended, then all goes back. A second
/// SIGINT ends pcipass at once; the journal then knows what was begun.
enum Interruption {
  private static let received = Atomic<CInt>(0)

  /// - Parameter hangup: whether a lost terminal counts, too.
  static func watch(hangup: Bool) {
    for signal in [SIGINT, SIGTERM] { handle(signal, handler) }
    handle(SIGHUP, hangup ? handler : SIG_IGN)
    unblock()
  }

  /// What started pcipass may have blocked them.
  private static func unblock() { mask(SIG_UNBLOCK) }

  /// They are for the thread that works, not for this one.
  static func leaveToOtherThreads() { mask(SIG_BLOCK) }

  private static func mask(_ way: CInt) {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
    pthread_sigmask(way, &signals, nil)
  }

  private static func handle(_ signal: CInt, _ handler: @escaping __sighandler_t) {
    var action = sigaction()
    // Whoever started pcipass does not want it to end by this one: nohup(1), a shell's background.
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
      "\npcipass: stopped at once; pcipass recover finds out where, and goes back or on\n"
    _ = write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
    _exit(130)
  }

  /// Why nothing more is to begin; nil is that nobody asked for an end.
  static var reason: String? {
    switch received.load(ordering: .relaxed) {
    case 0: nil
    case SIGINT: "stopped by SIGINT (Ctrl-C)"
    case SIGHUP: "stopped by SIGHUP: the terminal is gone"
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
