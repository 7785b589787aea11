import Documents
import HostModel
import Manifests

/// Checks that the guest runs. A paused or crashed guest cannot answer a hot-unplug, also not one that would
/// undo a hot-plug.
enum GuestRunningGuard {
  static let questions = [
    GuardQuestion(.guestRunning, .transition) { change, context in
      let placements = change.detach.map(\.placement) + change.attach.map(\.placement)
      return placements.filter { $0.part == .live }.compactMap { placement in
        context.host.guests[placement.guest].map {
          let name = context.name(of: placement.guest)
          return GuardResult(.guestRunning, guest: name, run(of: $0, name, change))
        }
      }
    }
  ]

  private static func run(
    of guest: GuestState, _ name: String, _ change: ProposedChange
  ) -> GuardOutcome {
    if guest.run == .running { return .passed("\(name) is running") }
    return .violated(
      Violation(
        .guestPaused,
        "\(name) is \(guest.run.words): it cannot release \(change.address), now or on rollback",
        help: "resume or shut down \(name), then plan again"))
  }
}
