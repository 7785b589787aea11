import Documents
import HostModel
import Manifests

extension Assigner {
  /// Notices about pools with fewer available members than guests on other hosts claim.
  var shortages: [Notice] {
    kept.sorted { $0.key < $1.key }.compactMap { pool, count in
      let left = (manifests.members[pool] ?? []).count {
        owners[$0.address] == nil && manifests.use(of: $0) == nil
      }
      guard left < count else { return nil }
      let guests = Set(
        open.map { demands[$0] }.filter { $0.pool == pool && $0.isElsewhere }.map(\.guest.name))
      return Notice(
        .elsewhere, nic: pool,
        "\(pool) has \(left) available of the \(count) members that guests on other hosts claim: "
          + guests.sorted().joined(separator: ", "))
    }
  }

  /// Notices about claims that get no member in a run that assigns no new ones.
  var unassigned: [Notice] {
    guard manifests.request.part == .host else { return [] }
    return open.map { demands[$0] }.map { demand in
      let reason =
        manifests.memory.reason.map { "what pcipass assigned before cannot be read: \($0)" }
        ?? manifests.memory.addresses(of: demand).first.map {
          "\($0), which pcipass assigned before, is not available"
        } ?? "none is remembered, and --part host assigns no new one"
      return Notice(
        .notAssigned, nic: demand.pool, guest: demand.guest.name,
        "\(demand.claim.name.value) of \(demand.guest.name) has no member of \(demand.pool): \(reason)")
    }
  }
}
