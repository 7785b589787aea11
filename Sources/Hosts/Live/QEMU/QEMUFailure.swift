/// The reason why a call to a QEMU failed.
enum QEMUFailure: Error, Sendable, Equatable {
  /// No process listens at the socket: the guest does not run.
  case notRunning
  /// pcipass sent no command: the socket is not the one that the manifest names, or another user
  /// could have replaced it.
  case untrusted(String, help: String)
  /// The monitor has accepted the connection but has not sent its greeting in time.
  case noGreeting(after: Duration)
  /// The monitor has closed the connection. It is unknown whether the command took effect.
  case lost
  /// QEMU has not answered in time and may still execute the command.
  case noAnswer(after: Duration)
  /// The data that the monitor sends is not QMP.
  case notQMP(String)
  /// QEMU is too old: it does not have a command that pcipass needs.
  case missing(command: String)
  case error(QMPError)
}

extension QEMUFailure {
  /// The failure in a sentence, and the help if there is any.
  func words(for socket: String) -> (message: String, help: String?) {
    switch self {
    case .notRunning:
      ("no QEMU listens at the monitor \(socket)", "start the guest, or correct spec.qemu.qmp")
    case .untrusted(let reason, let help): (reason, help)
    case .noGreeting(let time):
      (
        "the monitor \(socket) sent no greeting within \(time.words): another program is connected to it, "
          + "or QEMU hangs",
        "a monitor accepts one client at a time; start QEMU with a second monitor for pcipass: "
          + "-qmp unix:PATH,server=on,wait=off"
      )
    case .lost: ("the monitor \(socket) closed the connection", nil)
    case .noAnswer(let time):
      (
        "the QEMU at \(socket) did not answer within \(time.words)",
        "check the guest: QEMU may still execute the command"
      )
    case .notQMP(let what):
      (
        "the monitor \(socket) does not send valid QMP: \(what)",
        "spec.qemu.qmp must be the path of a -qmp socket"
      )
    case .missing(let command):
      (
        "the QEMU at \(socket) has no command \(command), which pcipass needs",
        "QEMU 1.2 and later have the command; with an older QEMU, add and remove devices by hand"
      )
    case .error(let error): (error.description, nil)
    }
  }

  /// The sentence and the help in one line, for the state of a guest.
  func reason(for socket: String) -> String {
    let (message, help) = words(for: socket)
    return message + (help.map { "; \($0)" } ?? "")
  }

  private var kind: HostFailure.Kind {
    switch self {
    case .notRunning, .error: .refused
    case .noAnswer: .stuck
    case .missing: .unsupported
    case .untrusted, .noGreeting, .lost, .notQMP: .unreadable
    }
  }

  /// The failure of a change of the guest.
  func failure(for socket: String) -> HostFailure {
    let (message, help) = words(for: socket)
    return HostFailure(kind, message, help: help)
  }

  /// The failure of a read of the guest.
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
