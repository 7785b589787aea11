import Documents
import HostModel
import Manifests

extension ResolvedManifests {
  /// Returns the refusal of a claim that names a port which the pool does not have.
  static func refusal(
    ofMissingPort claim: Claim, of guest: GuestManifest, in pools: PoolMembers
  ) -> Refusal {
    let reference = claim.from.value
    let pool = reference.entry
    let ports = pools.ports[pool] ?? []
    return Refusal(
      .select, nic: "\(reference)", guest: guest.name,
      "there is no \(reference): \(pool) has \(ports.count == 1 ? "1 port" : "\(ports.count) ports")",
      details: ports.enumerated().map { "\(pool)/\($0): \($1)" },
      help: "claim one of these ports, or any available member: \(pool)",
      origin: claim.from.location?.description)
  }

  /// Returns the refusal of a claim that names what another claim names in another way.
  static func refusal(
    ofSecond claim: Claim, of guest: GuestManifest, for target: NICReference,
    after first: (guest: GuestManifest, claim: Claim)
  ) -> Refusal {
    let line = first.claim.from.location.map { ": \($0)" } ?? ""
    return Refusal(
      .select, nic: "\(target)", guest: guest.name,
      "\(guest.name) claims \(claim.from.value) as \(claim.name.value), and \(first.guest.name) claims the same as "
        + first.claim.name.value,
      details: ["\(first.guest.name) claims \(first.claim.from.value)" + line],
      help: "claim another one in one of the two", origin: claim.from.location?.description)
  }

  /// The refusals of claims that name what a guest without a manifest had, as pcipass remembers, and those of
  /// pools of which it is unknown what was assigned.
  var memoryRefusals: [Refusal] {
    // With --part host, nothing is assigned that is not remembered.
    let unread = (request.part == .everything ? memory.reason : nil).map { reason in
      Set(demands.map(\.pool)).sorted().map { pool in
        Refusal(
          .unavailable, nic: pool, "what pcipass assigned before cannot be read: \(reason)",
          help: "move the file away; then start the guests without libvirt, or use --reassign")
      }
    }
    let named = fixed.compactMap { reference, claimant -> Refusal? in
      guard let function = resolution.functions[reference],
        let other = memory.otherGuest(having: function.address)
      else { return nil }
      return Refusal(
        .ownership, nic: "\(reference)", guest: claimant.guest.name, other,
        help: "also pass its manifest, with nics: [] if the guest is deleted",
        origin: claimant.claim.from.location?.description)
    }
    return (unread ?? []) + named.sorted { ($0.nic ?? "") < ($1.nic ?? "") }
  }
}
