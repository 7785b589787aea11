import HostModel

/// Who uses a function, in words.
extension PCIFunction {
  /// Whether a process has it open, which would keep it where it is.
  var useByProcesses: GuardOutcome {
    switch holders {
    case .known(let holders) where holders.isEmpty: .passed("no process has it open")
    case .known(let holders):
      .violated(
        Violation(
          .inUse, "\(address) cannot be taken from \(driver ?? "VFIO"): it is in use",
          details: holders.map { "process \($0.process) (\($0.command)) has \($0.opened) open" },
          help: holders.contains { $0.device == nil }
            ? "end its use there first; unbinding it now would block until that process ends"
            : "end its use there first"))
    case .unavailable(let reason):
      .violated(
        Violation(.unavailable, "whether a process uses \(address) is not known: \(reason)"))
    }
  }

  /// What shows that another tool has it; nil where nothing does.
  var foreignOwner: String? {
    if let driverOverride, driverOverride != hostDriver, !Drivers.isPassthrough(driverOverride) {
      return "its driver_override is \(driverOverride)"
    }
    return Drivers.isForeign(driver) ? "its driver is \(driver ?? "")" : nil
  }

  /// Whether the host is known to use it.
  var isUsedByHost: Bool { interfaces.contains { !($0.uses.value ?? []).isEmpty } }

  /// Whether an SSH session comes over one of its interfaces.
  var carriesSession: Bool {
    interfaces.contains { $0.uses.value?.contains { $0.kind == .sshSession } ?? false }
  }

  /// What the host has of its interfaces, or that it is not known. First what would cut off the operator himself.
  var hostUses: [String] {
    let uses: [(isSession: Bool, words: String)] = interfaces.flatMap { interface in
      switch interface.uses {
      case .known(let uses):
        uses.map { ($0.kind == .sshSession, "\(interface.name) \($0.clause)") }
      case .unavailable(let reason): [(false, "what \(interface.name) is used for is not known: \(reason)")]
      }
    }
    return (uses.filter(\.isSession) + uses.filter { !$0.isSession }).map(\.words)
  }

  /// That the host uses none of its interfaces.
  var unusedWords: String {
    guard !interfaces.isEmpty else { return "it has no interface" }
    let names = interfaces.map(\.name).joined(separator: " and ")
    let words = names + (interfaces.count == 1 ? " has" : " have") + " no address, route, bridge or bond"
    return ([words] + interfaces.flatMap(\.remarks)).joined(separator: "; ")
  }
}

extension Holder {
  /// What it has open, in words that follow the process.
  var opened: String { device ?? "its VFIO group" }
}
