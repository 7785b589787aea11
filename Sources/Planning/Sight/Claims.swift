import Documents
import HostModel
import Manifests

/// Which function of a host each NIC of the manifests is, and which guest claims it.
public struct Claims: Sendable {
  /// What the manifests say of one function.
  public struct Entry: Sendable {
    public let reference: NICReference
    public let nic: HostNIC
    public let guest: GuestManifest?
    public let claim: Claim?

    /// The manifest's line that gives it away, or names it where nobody claims it.
    public var origin: String? {
      (claim?.from.place ?? nic.name.place)?.description
    }
  }

  private let entries: [PCIAddress: Entry]

  public init(_ request: Request, on state: HostState) { self.init(request, HostIndex(state)) }

  init(_ request: Request, _ host: HostIndex) {
    let resolution = Resolution(request.host, host)
    var entries: [PCIAddress: Entry] = [:]
    for candidate in Candidate.all(request, host, resolution) {
      guard let nic = candidate.nic, let reference = candidate.reference else { continue }
      entries[candidate.address] = Entry(
        reference: reference, nic: nic, guest: candidate.wanted?.guest, claim: candidate.wanted?.claim)
    }
    self.entries = entries
  }

  public subscript(address: PCIAddress) -> Entry? { entries[address] }
}
