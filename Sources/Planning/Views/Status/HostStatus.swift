import Documents
import HostModel
import Manifests

/// How far a host is as its manifests declare: a plan, arranged by NICs and guests. All differences are those
/// of the plan.
public struct HostStatus: Sendable, Equatable {
  public var host: String
  public var nics: [NICStatus]
  public var guests: [GuestStatus]
  /// The parts of the plan that are not about a NIC.
  public var rest: StatusFindings

  public var state: SyncState { nics.map(\.state).max().map { max($0, rest.state) } ?? rest.state }

  /// - Parameters:
  ///   - plan: one for the whole host.
  ///   - resolved: what it was made from.
  public init(_ plan: Plan, of resolved: ResolvedRequest) {
    let parts = PlanByScope(plan, resolved)
    host = plan.host
    nics = parts.nics
    rest = parts.findings(of: .host)
    guests = plan.request.guests.map { guest in
      GuestStatus(
        name: guest.name, manager: parts.host.shownManager(of: guest), found: parts.host.guest(of: guest),
        state: parts.state(of: guest.name))
    }
  }
}
