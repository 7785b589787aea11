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
  /// Why the claim gets this function, if it names none.
  var assignment: Assignment?

  /// The claim in words.
  ///
  /// - Parameter name: the name of what it gets.
  func words(_ name: String?) -> String {
    guard let assignment, assignment.reason != .named else { return "\(guest.name) claims \(name ?? "it")" }
    return "\(guest.name) claims \(assignment.from): \(assignment.member) (\(assignment.because))"
  }
}

extension Request {
  /// Returns the claims of guests, by the claimed NIC.
  ///
  /// - Parameter assignments: why claims that name no function get theirs.
  func guestClaims(
    on host: HostIndex, _ assignments: [Assignment] = []
  ) -> [NICReference: GuestClaim] {
    let reasons = Dictionary(
      assignments.map { (Demand.Key(guest: $0.guest, nic: $0.nic), $0) }, uniquingKeysWith: { one, _ in one })
    return guests.reduce(into: [:]) { result, guest in
      let manager = host.manager(of: guest)
      let isElsewhere = guest.isElsewhere(host.guest(of: guest))
      for claim in guest.spec.nics {
        result[claim.from.value] = GuestClaim(
          guest: guest, claim: claim, manager: manager, isElsewhere: isElsewhere,
          assignment: reasons[Demand.Key(guest: guest.name, nic: claim.name.value)])
      }
    }
  }
}
