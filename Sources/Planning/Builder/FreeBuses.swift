import HostModel
import Manifests

/// Where in running guests devices can be plugged in, those that become free in the same plan among them. Guests of
/// which no bus is known choose for themselves.
struct FreeBuses {
  private var buses: [GuestManager: [GuestState.Bus]] = [:]
  /// What devices that leave in the same plan make room for, behind what is free already.
  private var becoming: [GuestManager: [String]] = [:]

  init(_ guests: [GuestManager: GuestState], _ changes: [ProposedChange]) {
    for change in changes {
      for attachment in change.attach where attachment.placement.part == .live {
        let guest = attachment.placement.guest
        buses[guest] = buses[guest] ?? guests[guest]?.buses
      }
    }
    for holding in changes.flatMap(\.detach) where holding.part == .live {
      guard let bus = buses[holding.guest]?.first(where: { $0.name == holding.hostdev.bus }) else { continue }
      becoming[holding.guest, default: []].append(bus.name)
    }
  }

  mutating func take(for guest: GuestManager) -> String? {
    guard let index = buses[guest]?.firstIndex(where: { $0.free > 0 }) else {
      return becoming[guest].flatMap { $0.isEmpty ? nil : becoming[guest]?.removeFirst() }
    }
    buses[guest]?[index].free -= 1
    return buses[guest]?[index].name
  }
}
