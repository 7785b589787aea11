/// Why a QEMU could not be asked, or what it answered.
enum QEMUFailure: Error, Sendable, Equatable {
  /// There is no monitor at the socket: the guest does not run.
  case notRunning
  /// It is not asked: what is at the socket is not what the manifest speaks of, or is not for this user.
  case untrusted(String, help: String)
  /// It takes the connection and says nothing.
  case noGreeting(after: Duration)
  /// It closed the connection: what was asked for may have been done or not.
  case lost
  /// It has not answered, and may still be at it.
  case noAnswer(after: Duration)
  /// What it sends is no QMP.
  case nonsense(String)
  /// It is too old: a command that pcipass needs is not there.
  case missing(command: String)
  case error(QMPError)
}

extension QEMUFailure {
  /// What is wrong, and the way out where there is one.
  func words(for socket: String) -> (message: String, help: String?) {
    switch self {
    case .notRunning: ("no QEMU has the monitor \(socket)", "start the guest, or correct spec.qemu.qmp")
    case .untrusted(let reason, let help): (reason, help)
    case .noGreeting(let time):
      (
        "the monitor \(socket) has said nothing for \(time.words): somebody else is connected to it, "
          + "or its QEMU hangs",
        "a monitor takes one client at a time: give pcipass one of its own, "
          + "-qmp unix:PATH,server=on,wait=off"
      )
    case .lost: ("the monitor \(socket) closed the connection", nil)
    case .noAnswer(let time):
      (
        "the QEMU at \(socket) has not answered for \(time.words)",
        "look at it: it may still do what it was asked"
      )
    case .nonsense(let what):
      ("what the monitor \(socket) sends is no QMP: \(what)", "spec.qemu.qmp must name a socket of -qmp")
    case .missing(let command):
      (
        "the QEMU at \(socket) has no command \(command), which pcipass needs",
        "QEMU has it since version 1.2; for an older one, take its devices in and out by hand"
      )
    case .error(let error): (error.description, nil)
    }
  }

  /// All of it in one line, for a state that nothing else is known of.
  func reason(for socket: String) -> String {
    let (message, help) = words(for: socket)
    return message + (help.map { "; \($0)" } ?? "")
  }

  private var kind: HostFailure.Kind {
    switch self {
    case .notRunning, .error: .refused
    case .noAnswer: .stuck
    case .missing: .unsupported
    case .untrusted, .noGreeting, .lost, .nonsense: .unreadable
    }
  }

  /// Where the guest was to be changed.
  func failure(for socket: String) -> HostFailure {
    let (message, help) = words(for: socket)
    return HostFailure(kind, message, help: help)
  }

  /// Where it was only to be read.
  func unreadable(_ socket: String) -> HostFailure {
    let (message, help) = words(for: socket)
    return HostFailure(.unreadable, message, help: help)
  }
}

extension Duration {
  fileprivate var words: String {
    let (seconds, rest) = components
    return rest == 0 ? "\(seconds) s" : "\(Int(self / .milliseconds(1))) ms"
  }
}
