import HostModel

/// The uses of a function, in words for guards.
extension PCIFunction {
  /// The outcome of the check whether a process has the function open. Unbinding it would then
  /// block until that process ends.
  var processUse: GuardOutcome {
    switch holders {
    case .known(let holders) where holders.isEmpty: .passed("no process has it open")
    case .known(let holders):
      .violated(
        Violation(
          .inUse, "\(address) on \(driver ?? "no driver") is in use: a process has it open",
          details: holders.map { "process \($0.process) (\($0.command)) has \($0.opened) open" },
          help: holders.contains { $0.device == nil }
            ? "stop that process first; unbinding the function now would block until that process ends"
            : "stop that process first"))
    case .unavailable(let reason):
      .violated(
        Violation(.unavailable, "whether a process uses \(address) is unknown: \(reason)"))
    }
  }

  /// The evidence that another tool owns the function, or `nil` if there is none.
  var foreignOwner: String? {
    if let driverOverride, driverOverride != nativeDriver, !Drivers.isPassthrough(driverOverride) {
      return "its driver_override is \(driverOverride)"
    }
    return Drivers.isForeign(driver) ? "its driver is \(driver ?? "")" : nil
  }

  /// Whether the host is known to use an interface of the function.
  var isUsedByHost: Bool { interfaces.contains { !($0.uses.value ?? []).isEmpty } }

  /// Whether an SSH session uses an interface of the function.
  var carriesSSHSession: Bool {
    interfaces.contains { $0.uses.value?.contains { $0.kind == .sshSession } ?? false }
  }

  /// The host's uses of the interfaces in words, or the reasons why they are unknown. SSH sessions come
  /// first, because losing one cuts off the operator.
  var hostUses: [String] {
    let uses: [(isSession: Bool, words: String)] = interfaces.flatMap { interface in
      switch interface.uses {
      case .known(let uses):
        uses.map { ($0.kind == .sshSession, "\(interface.name) \($0.clause)") }
      case .unavailable(let reason):
        [(false, "whether the host uses \(interface.name) is unknown: \(reason)")]
      }
    }
    return (uses.filter(\.isSession) + uses.filter { !$0.isSession }).map(\.words)
  }

  /// The statement that the host uses none of the interfaces.
  var unusedWords: String {
    guard !interfaces.isEmpty else { return "it has no interface" }
    let names = interfaces.map(\.name).joined(separator: " and ")
    let words = names + (interfaces.count == 1 ? " has" : " have") + " no address, route, bridge or bond"
    return ([words] + interfaces.flatMap(\.remarks)).joined(separator: "; ")
  }
}

extension Holder {
  /// What the process has open, in words that follow its name.
  var opened: String { device ?? "its VFIO group" }
}
