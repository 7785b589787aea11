import Documents
import HostModel
import Manifests

/// Which hosts of a fleet have the guests that may run on several. A guest that none of them has is an error
/// that no plan of a single host can find.
public struct GuestWhereabouts: Sendable {
  /// What tells one Guest document from another.
  private struct Key: Hashable {
    let name: String
    let hosts: GuestHosts
  }

  /// What the planned hosts of one guest report.
  private struct Found {
    var isPresent = false
    /// The planned hosts that do not have the guest.
    var absent: Set<String> = []
  }

  private var found: [Key: Found] = [:]
  /// The names of the hosts that were planned.
  private var planned: Set<String> = []

  public init() {}

  /// Adds a planned host with its guests.
  public mutating func add(_ guests: [GuestManifest], on host: HostIndex, named name: String) {
    planned.insert(name)
    for guest in guests where guest.hosts.single == nil {
      let state = host.guest(of: guest)
      let key = Key(name: guest.name, hosts: guest.hosts)
      var now = found[key] ?? Found()
      if state.reason != nil || host.mayHavePinned(guest) {
        // Neither present nor absent.
      } else if guest.isElsewhere(state) {
        now.absent.insert(name)
      } else {
        now.isPresent = true
      }
      found[key] = now
    }
  }

  /// Adds what other hosts report.
  public mutating func add(_ other: GuestWhereabouts) {
    planned.formUnion(other.planned)
    found.merge(other.found) { one, two in
      Found(isPresent: one.isPresent || two.isPresent, absent: one.absent.union(two.absent))
    }
  }

  /// The guests that no host has, as errors, and those of which that is unknown, as warnings. Guests without
  /// a planned host are left out.
  ///
  /// - Parameter hostsByClass: the hosts of each class, planned or not.
  public func diagnostics(
    of guests: [GuestManifest], hostsByClass: [String: [String]]
  ) -> [Diagnostic] {
    guests.compactMap { guest in
      guard let found = found[Key(name: guest.name, hosts: guest.hosts)], !found.isPresent else { return nil }
      let hosts: [String] =
        switch guest.hosts {
        case .one(let name): [name]
        case .several(let names): names
        case .ofClass(let name): hostsByClass[name] ?? []
        }
      let unknown = hosts.filter { !found.absent.contains($0) }
      var diagnostic =
        unknown.isEmpty
        ? Diagnostic(
          code: "guest-missing", "\(guest.name) is on none of its hosts: \(listed(hosts))",
          at: guest.metadata.name.location,
          help: guest.spec.qemu == nil
            ? "define the domain on one of them, or remove the Guest document"
            : "start the guest on one of them, or remove the Guest document")
        : Diagnostic(
          .warning, code: "guest-missing",
          "whether \(guest.name) is on one of its hosts is unknown: \(reasons(unknown))",
          at: guest.metadata.name.location)
      diagnostic.hosts = hosts
      return diagnostic
    }
  }

  private func reasons(_ unknown: [String]) -> String {
    let unplanned = unknown.filter { !planned.contains($0) }
    let unread = unknown.filter(planned.contains)
    let reasons = [
      unplanned.isEmpty ? nil : "\(listed(unplanned)) \(unplanned.count == 1 ? "is" : "are") not planned",
      unread.isEmpty ? nil : "the guests of \(listed(unread)) are unknown",
    ]
    return reasons.compactMap { $0 }.joined(separator: ", and ")
  }
}

extension HostIndex {
  /// Whether one of the domains may be the pinned guest, because its UUID is not recorded.
  fileprivate func mayHavePinned(_ guest: GuestManifest) -> Bool {
    guest.pin != nil && manager(of: guest) == nil && (state.libvirt.value ?? []).contains { $0.uuid == nil }
  }
}
