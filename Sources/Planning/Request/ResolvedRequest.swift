import HostModel
import Manifests

/// A request, resolved on an observed host: the function of each NIC of the manifests, and the
/// guest that claims it. A plan and all views of it are made from the same value.
public struct ResolvedRequest: Sendable {
  public let request: Request
  public let host: HostIndex
  let resolution: Resolution
  /// The claims of guests, by the claimed NIC.
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
