import HostModel

/// The facts and files that the user of the check cannot read or change.
extension ExaminedHost {
  var permissions: [Check] { [user, folder, unreadable] }

  private var user: Check {
    switch survey.user {
    case .known(0): .fine(.notRoot, "the user is root")
    case .known(let user):
      .found(
        .notRoot, "the user is \(user), not root: some facts cannot be read, and nothing can be changed",
        help: "run as root: sudo pcipass doctor")
    case .unavailable(let reason): .unknown(.notRoot, "which user runs pcipass", reason)
    }
  }

  private var folder: Check {
    switch survey.stateFolder {
    case .known(.usable(let path)): .fine(.stateFolder, "\(path) can be used")
    case .known(.missing(let path)): .fine(.stateFolder, "\(path) is created when it is needed")
    case .known(.refused(let reason)):
      .found(
        .stateFolder, "pcipass cannot write its journals, and therefore refuses to apply", details: [reason],
        help: "chown root and chmod go-w the path above, or move it away")
    case .unavailable(let reason): .unknown(.stateFolder, "whether journals can be written", reason)
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
          interface.uses.reason.map { "the uses of \(interface.name): \($0)" }
        }
    }
    let holders = state.functions.compactMap(\.holders.reason)
    var seen: Set<String> = []
    let all = (state.unreadable + kernel + functions + holders).filter { seen.insert($0).inserted }
    guard !all.isEmpty else { return .fine(.unreadable, "everything that a plan needs could be read") }
    let more = all.count - Self.most
    return .found(
      .unreadable, "some facts that a plan needs could not be read; plans that depend on them are refused",
      details: all.prefix(Self.most) + (more > 0 ? ["and \(more) more"] : []),
      help: survey.user.value == 0
        ? "run on the host itself, not in a container" : "run as root, on the host itself")
  }
}
