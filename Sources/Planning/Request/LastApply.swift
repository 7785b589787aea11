import HostModel
import Manifests

/// What is recorded of the last apply on a host: what it was given, and which domains it was about.
public struct LastApply: Sendable {
  public var guests: [GuestManifest]
  /// By the name that the domain had.
  var uuids: [GuestManager: String]

  public init(guests: [GuestManifest] = []) {
    self.guests = guests
    uuids = [:]
  }

  public init(_ plan: Plan) {
    self.init(guests: plan.request.guests)
    for guest in guests where guest.isNamed { uuids[guest.manager] = Fact.uuid(of: guest, in: plan.facts) }
    for step in plan.steps {
      if let guest = step.action.guest, let uuid = step.guestUUID { uuids[guest] = uuid }
    }
  }

  /// Whose domains were replaced since, of these guests.
  func replacements(of guests: [GuestManifest], on host: HostIndex) -> [Notice] {
    guests.compactMap { guest in
      guard let manager = host.manager(of: guest), let before = uuids[manager],
        let now = host.guests[manager]?.uuid, now != before
      else { return nil }
      return Notice(
        .changed, guest: guest.name,
        "\(manager.words) was replaced since the last apply: its UUID was \(before) and is \(now) now"
      )
    }
  }
}
