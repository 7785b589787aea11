import HostModel
import Manifests

/// The buses of running guests that devices can be plugged into, including those that the same plan
/// frees. If the buses of a guest are unknown, libvirt or QEMU chooses one.
struct FreeBuses {
  private var buses: [GuestManager: [GuestState.Bus]] = [:]
  /// The buses that devices leave in the same plan. They are used after those that are free already.
  private var freedByPlan: [GuestManager: [String]] = [:]

  init(_ guests: [GuestManager: GuestState], _ changes: [ProposedChange]) {
    for change in changes {
      for attachment in change.attach where attachment.placement.part == .live {
        let guest = attachment.placement.guest
        buses[guest] = buses[guest] ?? guests[guest]?.buses
      }
    }
    for holding in changes.flatMap(\.detach) where holding.part == .live {
      guard let bus = buses[holding.guest]?.first(where: { $0.name == holding.hostdev.bus }) else { continue }
      freedByPlan[holding.guest, default: []].append(bus.name)
    }
  }

  /// Reserves a bus for the next device and returns its name, or `nil` if no free bus is known.
  mutating func take(for guest: GuestManager) -> String? {
    guard let index = buses[guest]?.firstIndex(where: { $0.free > 0 }) else {
      return freedByPlan[guest].flatMap { $0.isEmpty ? nil : freedByPlan[guest]?.removeFirst() }
    }
    buses[guest]?[index].free -= 1
    return buses[guest]?[index].name
  }
}
