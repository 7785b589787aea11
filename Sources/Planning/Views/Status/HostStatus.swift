import Documents
import HostModel
import Manifests

/// Whether a host is in sync with its manifests: a plan, grouped by NICs and guests. All
/// differences are those of the plan.
public struct HostStatus: Sendable, Equatable {
  public var host: String
  public var nics: [NICStatus]
  public var guests: [GuestStatus]
  /// The pools, and the NICs whose VFs are claimed as a pool.
  public var pools: [PoolStatus]
  /// The parts of the plan that are not about a NIC.
  public var rest: StatusFindings
  /// The guests, NICs and functions of the parts of the plan.
  public var subjects: PlanSubjects

  /// The states of its NICs, and of what is not about a NIC.
  public var states: Set<SyncState> { Set(nics.map(\.state) + [rest.state]) }

  public var state: SyncState { nics.map(\.state).max().map { max($0, rest.state) } ?? rest.state }

  /// - Parameters:
  ///   - plan: one for the whole host.
  ///   - resolved: the resolved request that the plan was made from.
  public init(_ plan: Plan, of resolved: ResolvedRequest) {
    let parts = PlanByScope(plan, resolved)
    host = plan.host
    nics = parts.nics
    pools = PoolStatus.all(resolved)
    rest = parts.findings(of: .host)
    subjects = PlanSubjects(plan, GuestLabels(plan.request.guests, on: parts.host))
    guests = plan.request.guests.map { guest in
      GuestStatus(
        name: guest.name, manager: parts.host.shownManager(of: guest), found: parts.host.guest(of: guest),
        state: parts.state(of: guest.name))
    }
  }
}
