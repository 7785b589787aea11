import HostModel
import Manifests

/// The names of guests in plans: the name of the manifest, or the name in the manager if no
/// manifest describes the guest.
struct GuestNames {
  private let described: [GuestManager: String]
  private let taken: Set<String>

  init(_ guests: [GuestManifest], on host: HostIndex) {
    described = Dictionary(
      guests.compactMap { guest in host.manager(of: guest).map { ($0, guest.name) } },
      uniquingKeysWith: { first, _ in first })
    taken = Set(guests.map(\.name))
  }

  /// Returns the name in the manifests, or `nil` if no manifest describes the guest.
  func described(_ guest: GuestManager) -> String? { described[guest] }

  /// Returns a name that is unique, because step ids contain it. If a guest without a manifest has
  /// the name of another guest's manifest, the manager is put before its name: no name in a
  /// manifest contains a colon.
  subscript(guest: GuestManager) -> String {
    described[guest] ?? guest.label(besides: taken)
  }
}

extension GuestManager {
  /// Returns the name of a guest that no manifest describes.
  ///
  /// - Parameter names: the names of guests in the manifests.
  func label(besides names: Set<String>) -> String {
    names.contains(name) || name.contains(":") ? "\(traits.key):\(name)" : name
  }
}
