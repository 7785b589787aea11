import HostModel
import Manifests

/// What guests are called in plans: as their manifests call them, others as their managers do.
struct GuestNames {
  private let described: [GuestManager: String]
  private let taken: Set<String>

  init(_ guests: [GuestManifest], on host: HostIndex) {
    described = Dictionary(
      guests.compactMap { guest in host.manager(of: guest).map { ($0, guest.name) } },
      uniquingKeysWith: { first, _ in first })
    taken = Set(guests.map(\.name))
  }

  /// The name in the manifests; nil where none describes the guest.
  func described(_ guest: GuestManager) -> String? { described[guest] }

  /// Ids of steps are made of names. A guest that no manifest describes may be called like another that one does: its
  /// name then says who runs it, which no name in a manifest can.
  subscript(guest: GuestManager) -> String {
    if let name = described[guest] { return name }
    guard taken.contains(guest.name) || guest.name.contains(":") else { return guest.name }
    return "\(guest.traits.key):\(guest.name)"
  }
}
