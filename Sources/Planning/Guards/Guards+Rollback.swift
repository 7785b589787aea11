import Documents
import HostModel
import Manifests

/// What the way back must not do either: take a function from a process that keeps it, or from the host that has come to
/// use it.
extension Planner {
  static func judge(_ plan: Plan, _ host: HostIndex, _ findings: inout Findings) {
    func isDetached(_ hostdev: Hostdev, _ placement: Placement) -> Bool {
      plan.steps.contains { step in
        guard case .detach(let other, placement) = step.action else { return false }
        return other.address == hostdev.address && other.alias == hostdev.alias
      }
    }
    for step in plan.steps {
      func passes(_ which: Guard, guest: String? = nil, _ finding: Finding?) -> Bool {
        findings.passes(which, step, plan.request, guest: guest, finding)
      }
      switch step.action {
      case .detach(let hostdev, let placement) where placement.part == .live:
        _ = passes(.guestPaused, guest: step.guest, host.run(of: placement.guest, lettingGo: hostdev.address))
      case .resize(let address, let from, let to):
        let use = host.useOfParts(of: address, staying: to.count, isDetached: isDetached) { users in
          Objection(
            .inUse,
            "the VFs of \(address) cannot be taken back (\(from.count) → \(to.count)): not all are free",
            details: users, help: "take them from their guests first")
        }
        guard passes(.inUse, use) else { continue }
        for part in host.virtualFunctions[address] ?? [] {
          guard passes(.hostNetwork, part.useByHostNow(otherwise: unusedPartsWords)) else { break }
        }
      case .bind(let address, let from, let to) where from.driver != to.driver:
        guard let function = host.functions[address] else { continue }
        if !plan.steps.contains(where: { $0.resizes(address) }) {
          guard passes(.virtualFunctions, host.parts(of: function)) else { continue }
        }
        if Drivers.mayBeHeld(from.driver) {
          _ = passes(.inUse, host.useByProcesses(of: function, isDetached: isDetached))
        } else if Drivers.isPassthrough(to.driver) {
          _ = passes(.hostNetwork, function.useByHostNow(otherwise: function.unusedWords))
        }
      default: continue
      }
    }
  }
}

extension HostIndex {
  fileprivate func run(of guest: GuestManager, lettingGo address: PCIAddress) -> Finding? {
    guard let guest = guests[guest] else { return nil }
    if guest.run == .running { return .clear("\(guest.name) runs") }
    return .against(
      Objection(
        .guestPaused, "\(guest.name) is \(guest.run.rawValue) and cannot let \(address) go",
        help: "resume it or shut it off first"))
  }

  fileprivate func parts(of function: PCIFunction) -> Finding {
    guard (function.sriov?.count ?? 0) > 0 else { return .clear("it has no virtual functions") }
    return .against(
      Objection(
        .virtualFunctions, "\(function.address) has virtual functions now, which would vanish",
        details: (virtualFunctions[function.address] ?? []).map(\.summary), help: "take them away first"))
  }
}

extension PCIFunction {
  fileprivate func useByHostNow(otherwise unused: String) -> Finding {
    let uses = hostUses
    guard !uses.isEmpty else { return .clear(unused) }
    return .against(
      Objection(
        .hostNetwork, "the host itself uses \(address) now", details: uses,
        help: "move that to another NIC first"))
  }
}

extension Findings {
  /// Whether the guard lets a step's NIC pass.
  mutating func passes(
    _ which: Guard, _ step: Step, _ request: Request, guest: String? = nil, _ finding: Finding?
  ) -> Bool {
    guard let function = step.action.function else { return true }
    let name = step.nic.flatMap { NICReference($0) }?.nic
    let candidate = Candidate(
      function: function, name: step.nic, nic: request.host.spec.nics.first { $0.name.value == name },
      guest: step.guest, origin: nil)
    return passes(which, candidate, guest: guest, finding)
  }
}

extension Step {
  fileprivate func resizes(_ function: PCIAddress) -> Bool {
    if case .resize(function, _, _) = action { true } else { false }
  }
}
