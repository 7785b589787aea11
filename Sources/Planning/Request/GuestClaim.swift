import Documents
import HostModel
import Manifests

/// A NIC that a guest claims.
struct GuestClaim {
  let guest: GuestManifest
  let claim: Claim
  /// The guest on the host; `nil` if it does not exist.
  let manager: GuestManager?
}

extension Request {
  /// Returns the claims of guests, by the claimed NIC.
  func guestClaims(on host: HostIndex) -> [NICReference: GuestClaim] {
    guests.reduce(into: [:]) { result, guest in
      let manager = host.manager(of: guest)
      for claim in guest.spec.nics {
        result[claim.from.value] = GuestClaim(guest: guest, claim: claim, manager: manager)
      }
    }
  }
}
