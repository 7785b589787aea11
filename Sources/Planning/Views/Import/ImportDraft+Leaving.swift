import Documents
import HostModel
import Manifests

/// NICs and guests that an import leaves out.
extension ImportDraft {
  /// Leaves out one NIC or one guest for which the plan is refused or would remove something from a
  /// guest. If there is none, the draft stays unchanged.
  mutating func leaveOutObstacle(to plan: Plan) {
    if let refusal = plan.refusals.first { return leaveOut(refusal, of: plan) }
    for step in plan.steps where step.reason != .adopted {
      guard let change = step.action.device, !change.isAdded else { continue }
      let (hostdev, placement) = (change.hostdev, change.placement)
      // The plan removes a marked device that is not claimed from a guest that is described, so the guest is
      // left out.
      note(
        placement.guest.name,
        "left out: a plan would remove \(hostdev.address) from it, which pcipass assigned and which is left out"
      )
      return leaveOut(placement.guest)
    }
  }

  private mutating func leaveOut(_ refusal: Refusal, of plan: Plan) {
    guard let text = refusal.nic, let reference = NICReference(text) else {
      // The refusal is about a device that no manifest names and that a guest would lose.
      let functions = plan.guards.filter { $0.verdict == .refused && $0.nic == nil }.map(\.function)
      let guests = functions.flatMap { host.holdings[$0] ?? [] }.filter(\.isAssignedByPcipass).map(\.guest)
      guard let guest = guests.first(where: { guest in claims.contains { $0.guest == guest } }) else {
        return
      }
      note(guest.name, "left out: \(refusal.message) [\(refusal.code.rawValue)]")
      return leaveOut(guest)
    }
    let subject = addresses[reference.nic]
    note(
      subject.map { "\($0)" } ?? text,
      (reference.virtualFunction.map { "VF \($0) is " } ?? "")
        + "left out: \(refusal.message) [\(refusal.code.rawValue)]")
    if reference.virtualFunction != nil, claims.contains(where: { $0.claim.from.value == reference }) {
      claims.removeAll { $0.claim.from.value == reference }
    } else {
      claims.removeAll { $0.claim.from.value.nic == reference.nic }
      nics.removeAll { $0.name.value == reference.nic }
    }
  }

  /// Leaves out a guest with the whole NICs that it has.
  private mutating func leaveOut(_ guest: GuestManager) {
    let own = claims.filter { $0.guest == guest }.map(\.claim.from.value)
    for reference in own where reference.virtualFunction == nil {
      nics.removeAll { $0.name.value == reference.nic }
      note(guest.name, "its NIC \(reference) is also left out")
    }
    claims.removeAll { $0.guest == guest }
  }
}
