import HostModel

/// Who uses a function, in the words of a refusal: the same for a plan and for the way back.
extension PCIFunction {
  /// Why it cannot be taken from where it is; nil where no process has it open.
  func inUse(nic: String?, guest: String?) -> Refusal? {
    switch holders {
    case .known(let holders) where holders.isEmpty: nil
    case .unavailable where !Drivers.mayBeHeld(driver): nil
    case .known(let holders):
      Refusal(
        .inUse, nic: nic, guest: guest, "\(address) cannot be taken from \(driver ?? "VFIO"): it is in use",
        details: holders.map { "process \($0.process) (\($0.command)) has its VFIO group open" },
        help: "end its use there first; unbinding it now would block until that process ends")
    case .unavailable(let reason):
      Refusal(
        .unavailable, nic: nic, guest: guest, "whether a process uses \(address) is not known: \(reason)")
    }
  }

  /// Whether the host is known to use it.
  var isUsedByHost: Bool { interfaces.contains { !($0.uses.value ?? []).isEmpty } }

  /// What the host has of its interfaces, or that it is not known. First what would cut off the operator himself.
  var hostUses: [String] {
    let uses: [(isSession: Bool, words: String)] = interfaces.flatMap { interface in
      switch interface.uses {
      case .known(let uses):
        uses.map { use in
          let isSession = use.kind == .sshSession
          return (isSession, "\(interface.name) \(isSession ? "carries" : "has") \(use)")
        }
      case .unavailable(let reason): [(false, "what \(interface.name) is used for is not known: \(reason)")]
      }
    }
    return (uses.filter(\.isSession) + uses.filter { !$0.isSession }).map(\.words)
  }
}
