import Documents
import HostModel
import Manifests

/// A NIC that a guest claims.
struct GuestClaim {
  let guest: GuestManifest
  let claim: Claim
  /// The guest on the host; `nil` if it does not exist.
  let manager: GuestManager?
  /// Whether the guest may run on several hosts and is not on this one. Nothing is set for it yet.
  var isElsewhere = false
  /// The pool that it claims, as the manifest writes it; nil if it names a function.
  var pool: String?

  /// Whether the guest may run on several hosts.
  var mayBeElsewhere: Bool { guest.hosts.single == nil }

  /// The claim in words.
  ///
  /// - Parameter name: the name of what it gets.
  func words(_ name: String?) -> String { "\(guest.name) claims \(pool ?? name ?? "it")" }
}

extension Request {
  /// Returns the claims of guests, by the claimed NIC.
  ///
  /// - Parameter assignments: what claims of pools get.
  func guestClaims(
    on host: HostIndex, _ assignments: [Assignment] = []
  ) -> [NICReference: GuestClaim] {
    let pools = Dictionary(
      assignments.filter { $0.reason != .named }
        .map { (Demand.Key(guest: $0.guest, nic: $0.nic), $0.from) }, uniquingKeysWith: { one, _ in one })
    return guests.reduce(into: [:]) { result, guest in
      let manager = host.manager(of: guest)
      let isElsewhere = guest.hosts.single == nil && guest.isElsewhere(host.guest(of: guest))
      for claim in guest.spec.nics {
        result[claim.from.value] = GuestClaim(
          guest: guest, claim: claim, manager: manager, isElsewhere: isElsewhere,
          pool: pools[Demand.Key(guest: guest.name, nic: claim.name.value)])
      }
    }
  }
}
