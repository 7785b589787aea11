import Documents
import HostModel
import Manifests

/// Checks that the guest that claims the function exists.
enum GuestGuard {
  static let questions = [
    GuardQuestion(.guest, .endState) { change, context in
      guard let guestClaim = change.candidate.guestClaim, change.candidate.function != nil else { return [] }
      return [
        GuardResult(.guestExists, guest: guestClaim.guest.name, presence(of: guestClaim, context.host))
      ]
    }
  ]

  private static func presence(
    of guestClaim: GuestClaim, _ host: HostIndex
  ) -> GuardOutcome {
    let origin = guestClaim.claim.from.location?.description
    if guestClaim.isElsewhere { return .passed("\(guestClaim.guest.name) is not on this host") }
    guard let manager = guestClaim.manager else { return absence(of: guestClaim.guest, host, origin) }
    switch host.guest(manager) {
    case .unavailable(let reason):
      return .violated(
        Violation(
          .unavailable, "the devices of \(guestClaim.guest.name) are unknown: \(reason)", origin: origin))
    case .known(nil):
      return .violated(
        Violation(
          .guestMissing, "libvirt has no domain named \(manager.name)",
          details: (host.state.libvirt.value ?? []).map(\.name).sorted().prefix(16).map { $0 },
          help:
            "define it first, or name another domain in libvirt: {domain: …}; to list all: virsh list --all",
          origin: origin))
    case .known(let guest?):
      let uuid = guestClaim.guest.pin.map { " with the UUID \($0)" } ?? ""
      return .passed(manager.traits.presence(manager.name + uuid, guest.run.words))
    }
  }

  private static func absence(
    of guest: GuestManifest, _ host: HostIndex, _ origin: String?
  ) -> GuardOutcome {
    host.pinViolation(guest, origin: origin).map { .violated($0) } ?? .passed("\(guest.name) exists")
  }
}
