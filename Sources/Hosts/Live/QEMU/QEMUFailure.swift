/// Why a QEMU could not be asked, or what it answered.
enum QEMUFailure: Error, Sendable, Equatable {
  /// There is no monitor at the socket: the guest does not run.
  case notRunning
  /// It is not to be asked: what is at the socket is not what the manifest speaks of, or is not for this user.
  case untrusted(String, help: String)
  /// Somebody else has the monitor.
  case noGreeting(after: Duration)
  /// It closed the connection: what was asked for may have been done or not.
  case lost
  /// It has not answered, and may still be at it.
  case noAnswer(after: Duration)
  /// What it sends is no QMP.
  case nonsense(String)
  case error(QMPError)
}
