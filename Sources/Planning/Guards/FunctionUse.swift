import HostModel

/// Who uses a function, in the same words for a plan and for the way back.
extension PCIFunction {
  /// Whether a process has it open, which would keep it where it is.
  var useByProcesses: Finding {
    switch holders {
    case .known(let holders) where holders.isEmpty: .clear("no process has it open")
    case .unavailable where !Drivers.mayBeHeld(driver):
      .clear("its driver is \(driver ?? ""), which no process opens it by")
    case .known(let holders):
      .against(
        Objection(
          .inUse, "\(address) cannot be taken from \(driver ?? "VFIO"): it is in use",
          details: holders.map { "process \($0.process) (\($0.command)) has its VFIO group open" },
          help: "end its use there first; unbinding it now would block until that process ends"))
    case .unavailable(let reason):
      .against(
        Objection(.unavailable, "whether a process uses \(address) is not known: \(reason)"))
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

  /// That the host uses none of its interfaces.
  var unusedWords: String {
    interfaces.isEmpty
      ? "it has no interface"
      : interfaces.map(\.name).joined(separator: " and ")
        + (interfaces.count == 1 ? " has" : " have") + " no address, route, bridge or bond"
  }
}

/// The same of all VFs of a PF.
let unusedPartsWords = "its VFs have no address, route, bridge or bond"

extension HostIndex {
  /// Whether a process has the function open and keeps it. Guests that have it may be about to let it go.
  func useByProcesses(of function: PCIFunction, isDetached: (Hostdev, Placement) -> Bool) -> Finding {
    isLetGo(function, isDetached: isDetached)
      ? .clear("the guests that have it open let it go first") : function.useByProcesses
  }

  /// Whether the VFs of a PF are free, all of which vanish with another number of them; nil where it has none.
  func useOfParts(
    of address: PCIAddress, staying count: Int, isDetached: (Hostdev, Placement) -> Bool,
    _ objection: ([String]) -> Objection
  ) -> Finding? {
    let parts = virtualFunctions[address] ?? []
    guard !parts.isEmpty else { return nil }
    let users = parts.flatMap { self.users(of: $0, staying: count, isDetached: isDetached) }
    return users.isEmpty ? .clear("nobody keeps any of its VFs") : .against(objection(users))
  }
}
