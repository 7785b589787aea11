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
    let origin = wanted.claim.from.place?.description
    guard let manager = wanted.manager else { return absence(of: wanted.guest, host, origin) }
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
      case .libvirt(let domain):
        let uuid = wanted.guest.pin.map { " with the UUID \($0)" } ?? ""
        return .passed("libvirt has \(domain)\(uuid): \(guest.run.rawValue)")
      case .qemu: return .passed("its QEMU is \(guest.run.rawValue)")
      }
    }
  }

  private static func absence(
    of guest: GuestManifest, _ host: HostIndex, _ origin: String?
  ) -> GuardResult.Outcome {
    host.pinViolation(guest, origin: origin).map { .violated($0) } ?? .passed("\(guest.name) is there")
  }
}
