import HostModel
import Manifests

/// A request, resolved on an observed host: the function of each NIC of the manifests, what each claim of a
/// pool gets, and the guest that claims each function. A plan and all views of it are made from the same value.
public struct ResolvedRequest: Sendable {
  /// The request as the manifests declare it.
  public let declared: Request
  /// The same request in which each member of a pool is a NIC of its own, and each claim names what it gets.
  public let request: Request
  public let host: HostIndex
  let resolution: Resolution
  /// The claims of guests, by the claimed NIC.
  let claims: [NICReference: GuestClaim]
  let names: GuestNames
  /// What claims of pools get, in the order of the manifests.
  public let assignments: [Assignment]
  let assigner: Assigner

  public init(_ request: Request, on host: HostIndex) {
    let host = host.seen(by: request.part)
    let manifests = ResolvedManifests(request, on: host)
    let assigner = Assigner(manifests)
    declared = request
    self.host = host
    resolution = manifests.resolution
    names = manifests.names
    assignments = assigner.assignments
    self.assigner = assigner
    self.request = manifests.lowered(assigner)
    claims = self.request.guestClaims(on: host, assignments)
  }
}

extension ResolvedRequest {
  /// The members of the pools and what has each.
  public var pools: [PoolState] { assigner.pools }

  /// The reasons why pools have no members, or claims get none.
  var assignmentRefusals: [Refusal] {
    let manifests = assigner.manifests
    return manifests.pools.refusals + manifests.claimRefusals + manifests.memoryRefusals
      + manifests.drainRefusals + assigner.refusals
  }
}
