import HostModel

/// What the user who runs the check cannot read or change.
extension ExaminedHost {
  var permissions: [Check] { [user, folder, unreadable] }

  private var user: Check {
    switch survey.user {
    case .known(0): .fine(.notRoot, "this is root")
    case .known(let user):
      .found(
        .notRoot, "this is user \(user), not root: not all can be seen, and nothing changed",
        help: "run it by sudo")
    case .unavailable(let reason): .unknown(.notRoot, "who applies", reason)
    }
  }

  private var folder: Check {
    switch survey.stateFolder {
    case .known(.usable(let path)): .fine(.stateFolder, "\(path) is pcipass's own")
    case .known(.missing(let path)): .fine(.stateFolder, "\(path) will be made when it is needed")
    case .known(.refused(let reason)):
      .found(
        .stateFolder, "pcipass cannot keep its journals, and applies nothing", details: [reason],
        help: "chown root and chmod go-w what is named there, or move it away")
    case .unavailable(let reason): .unknown(.stateFolder, "whether journals can be kept", reason)
    }
  }

  /// The maximum number of lines, because many unreadable files usually have one cause.
  private static let most = 12

  private var unreadable: Check {
    let kernel = [state.kernel.commandLine.reason, state.kernel.drivers.reason, state.kernel.modules.reason]
      .compactMap { $0 }
    let functions = state.functions.flatMap { function in
      function.unreadable.map { "\(function.address): \($0)" }
        + function.interfaces.compactMap { interface in
          interface.uses.reason.map { "what \(interface.name) is used for: \($0)" }
        }
    }
    let holders = state.functions.compactMap(\.holders.reason)
    var seen: Set<String> = []
    let all = (state.unreadable + kernel + functions + holders).filter { seen.insert($0).inserted }
    guard !all.isEmpty else { return .fine(.unreadable, "all that a plan looks at could be read") }
    let more = all.count - Self.most
    return .found(
      .unreadable, "not all that a plan looks at could be read; where it matters, it is refused",
      details: all.prefix(Self.most) + (more > 0 ? ["and \(more) more"] : []),
      help: survey.user.value == 0
        ? "look from the host itself, not from a container" : "run as root, on the host itself")
  }
}
