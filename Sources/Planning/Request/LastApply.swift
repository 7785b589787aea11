import HostModel
import Manifests

/// What the journal of the last apply on a host records: the guests that were declared, and the UUIDs of
/// their domains.
public struct LastApply: Sendable {
  public var guests: [GuestManifest]
  /// The UUID of each domain, by the name that the domain had.
  var uuids: [GuestManager: String]

  /// - Parameter guests: the manifests of the last apply.
  public init(guests: [GuestManifest] = []) {
    self.guests = guests
    uuids = [:]
  }

  /// Reads the UUIDs of the domains from the facts and the steps of the plan that was applied.
  public init(_ plan: Plan) {
    self.init(guests: plan.request.guests)
    for guest in guests where guest.isNamed { uuids[guest.manager] = Fact.uuid(of: guest, in: plan.facts) }
    for step in plan.steps {
      if let guest = step.action.guest, let uuid = step.guestUUID { uuids[guest] = uuid }
    }
  }

  /// Returns a notice for each of these guests whose domain was replaced since the last apply.
  func replacements(of guests: [GuestManifest], on host: HostIndex) -> [Notice] {
    guests.compactMap { guest in
      guard let manager = host.manager(of: guest), let before = uuids[manager],
        let now = host.guests[manager]?.uuid, now != before
      else { return nil }
      return Notice(
        .changed, guest: guest.name,
        "\(manager.words) was replaced since the last apply: its UUID changed from \(before) to \(now)"
      )
    }
  }
}
