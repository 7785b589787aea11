import Documents
import Glibc
import Planning

/// The exit status of a command. The values are stable (docs/usage.md).
struct ExitStatus: Equatable, Sendable {
  let code: Int32
  /// The signal by which the process ends itself, because a shell expects that of a command that a
  /// signal stopped.
  var signal: CInt?

  init(code: Int32, signal: CInt? = nil) {
    self.code = code
    self.signal = signal
  }

  /// Done, or nothing to do.
  static let success = ExitStatus(code: 0)
  /// An error. Nothing was changed.
  static let failure = ExitStatus(code: 1)
  /// There are changes (`--detailed-exitcode`), or something has drifted (`status`).
  static let changes = ExitStatus(code: 2)
  /// `doctor` found errors or warnings.
  static let findings = changes
  /// A guard refused. Nothing was changed.
  static let refused = ExitStatus(code: 3)
  /// A step failed, and everything was undone.
  static let undone = ExitStatus(code: 4)
  /// An operator is needed: a step is stuck, an undo is incomplete, a run is interrupted.
  static let needsOperator = ExitStatus(code: 5)
  /// An apply is waiting for its confirmation.
  static let waiting = ExitStatus(code: 6)
  /// The command line is wrong (`EX_USAGE` of sysexits.h).
  static let usage = ExitStatus(code: 64)
  /// Another pcipass holds the lock (`EX_TEMPFAIL` of sysexits.h).
  static let locked = ExitStatus(code: 75)

  /// A run that a signal stopped and that was undone completely: 128 + signal, as a shell reports a
  /// process that a signal ended.
  static func stopped(by signal: CInt) -> ExitStatus { ExitStatus(code: 128 + signal, signal: signal) }

  /// The order in which statuses count where several apply, the most important first.
  private static let order = [usage, locked, needsOperator, undone, refused, failure, waiting, changes]

  /// The most important of several statuses, for several hosts or findings.
  static func worst(of all: some Sequence<ExitStatus>) -> ExitStatus {
    let all = Array(all)
    return order.first(where: all.contains) ?? all.first ?? .success
  }
}

extension ExitStatus {
  /// The status of a command that ends with this error.
  init(of diagnostic: Diagnostic) {
    self =
      switch diagnostic.code {
      case "usage": .usage
      case "locked": .locked
      case "interrupted", "stuck", "not-converged", "not-recovered": .needsOperator
      case "unconfirmed": .waiting
      default: .failure
      }
  }
}
