import HostModel
import Manifests

/// What `--prune` removes: NICs of guests that no document describes any longer.
struct Prune {
  private let request: Request
  private let host: HostIndex
  private let described: Set<GuestManager>
  /// Guests that have NICs assigned by pcipass and that no document describes.
  private let gone: [GuestManager]

  init(_ request: Request, _ host: HostIndex) {
    self.request = request
    self.host = host
    described = Set(request.guests.compactMap { host.manager(of: $0) })
    // A plan without --prune does not need these.
    let holdings = request.prune ? host.holdings.values.joined().filter(\.isAssignedByPcipass) : []
    gone = Set(holdings.map(\.guest)).subtracting(described).sorted { "\($0)" < "\($1)" }
  }

  /// A refusal if `--prune=N` states another number of guests, or if more than half of the guests would be
  /// pruned and no number is stated: a folder of manifests is then probably missing.
  var refusal: Refusal? {
    guard request.prune, request.targets.isEmpty else { return nil }
    let total = gone.count + request.guests.count
    let isMost = gone.count * 2 > total || request.guests.isEmpty
    let details = gone.map { "\($0)" }
    let guests = gone.count == 1 ? "1 guest" : "\(gone.count) guests"
    if let count = request.pruneCount {
      guard count != gone.count else { return nil }
      return Refusal(
        .prune,
        "--prune=\(count) does not match: \(guests) with assigned NICs and without a manifest",
        details: details, help: "check the given manifests, then use --prune=\(gone.count)")
    }
    guard isMost, !gone.isEmpty else { return nil }
    return Refusal(
      .prune,
      request.guests.isEmpty
        ? "--prune would remove the NICs of all guests of \(request.host.name): no Guest manifest is given"
        : "--prune would remove the NICs of \(guests) of \(total) on \(request.host.name)",
      details: details,
      help:
        "also pass the folder of the guests; or, if they were deleted on purpose, use --prune=\(gone.count)")
  }

  /// Returns a notice for each guest that was deleted since the last apply, and for each other guest that is
  /// pruned.
  ///
  /// - Parameter previous: the guests of the last apply.
  func notices(since previous: [GuestManifest]) -> [Notice] {
    guard request.prune else { return [] }
    let names = Set(request.guests.map(\.name))
    let deleted = previous.map { (guest: $0, manager: host.shownManager(of: $0)) }
      .filter { !described.contains($0.manager) && !names.contains($0.guest.name) }
    let named = Set(deleted.map(\.manager))
    let documents = deleted.map { guest, manager in
      Notice(
        .unmanaged, guest: guest.name,
        "the last apply had a manifest of the guest \(guest.name), which is not given now: "
          + (gone.contains(manager)
            ? "the NICs that pcipass assigned to it are removed"
            : manager.traits.hasDefinition
              ? "it has no NICs from pcipass" : "it does not run, so what it has is unknown: not changed"))
    }
    let others = gone.filter { !named.contains($0) }.map { guest in
      Notice(
        .unmanaged, guest: guest.name,
        "no manifest describes \(guest): the NICs that pcipass assigned to it are removed")
    }
    return documents + others
  }
}
