import HostModel
import Manifests

/// A request on an observed host, looked up once: which function each NIC of the manifests is, and which guest claims it. A
/// plan is made from this value, and so is each view of that plan.
public struct ResolvedRequest: Sendable {
  public let request: Request
  public let host: HostIndex
  let resolution: Resolution
  /// What guests claim, by the NIC.
  let claims: [NICReference: GuestClaim]
  let names: GuestNames

  public init(_ request: Request, on host: HostIndex) {
    self.request = request
    self.host = host
    resolution = Resolution(request.host, host)
    claims = request.guestClaims(on: host)
    names = GuestNames(request.guests, on: host)
  }
}
