import Documents
import HostModel
import Manifests

/// Checks that a guest has at most one device of each name.
enum DeviceNameGuard {
  static let questions = [
    GuardQuestion(.deviceName, .endState) { change, context in
      change.attach.filter { $0.hostdev.alias != nil }.map { attachment in
        let guest = context.name(of: attachment.placement.guest)
        return GuardResult(.deviceName, guest: guest, name(of: attachment, guest, change, context))
      }
    }
  ]

  private static func name(
    of attachment: ProposedChange.Attachment, _ guest: String, _ change: ProposedChange,
    _ context: GuardContext
  ) -> GuardOutcome {
    let (hostdev, placement) = (attachment.hostdev, attachment.placement)
    let other = context.host.guests[placement.guest]?.hostdevs(placement.part)?.first { other in
      other.alias == hostdev.alias && other.address != change.address && !context.isDetached(other, placement)
    }
    guard let other else { return .passed("no other device of \(guest) has the name \(hostdev.alias ?? "")") }
    return .violated(
      Violation(
        .inUse, "another device of \(guest) has the name \(other.alias ?? ""): \(other.address)",
        help: "rename the claim; or set hotplug: false, apply, then shut down and start \(guest)",
        origin: change.candidate.guestClaim?.claim.name.location?.description))
  }
}
