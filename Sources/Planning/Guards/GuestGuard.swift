import Documents
import HostModel
import Manifests

/// The guest that claims the function is there.
enum GuestGuard {
  static let questions = [
    GuardQuestion(.guest, .endState) { change, context in
      guard let wanted = change.candidate.wanted, change.candidate.function != nil else { return [] }
      return [GuardResult(.guestMissing, guest: wanted.guest.name, presence(of: wanted, context.host))]
    }
  ]

  private static func presence(
    of wanted: Candidate.Wanted, _ host: HostIndex
  ) -> GuardResult.Outcome {
    let manager = wanted.guest.manager
    let origin = wanted.claim.from.place?.description
    switch host.guest(manager) {
    case .unavailable(let reason):
      return .violated(
        Violation(
          .unavailable, "what \(wanted.guest.name) has is not known: \(reason)", origin: origin))
    case .known(nil):
      return .violated(
        Violation(
          .guestMissing, "libvirt has no domain named \(manager.name)",
          details: (host.state.libvirt.value ?? []).map(\.name).sorted().prefix(16).map { $0 },
          help: "define it first, or name it in libvirt: {domain: …}", origin: origin))
    case .known(let guest?):
      switch manager {
      case .libvirt(let domain): return .passed("libvirt has \(domain): \(guest.run.rawValue)")
      case .qemu: return .passed("its QEMU is \(guest.run.rawValue)")
      }
    }
  }
}
