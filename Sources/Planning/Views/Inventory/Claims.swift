import Documents
import HostModel
import Manifests

/// The function of each NIC in the manifests, and the guest that claims it.
public struct Claims: Sendable {
  private let entries: [PCIAddress: DeclaredNIC]

  public init(_ resolved: ResolvedRequest) {
    var entries: [PCIAddress: DeclaredNIC] = [:]
    for candidate in Candidate.all(resolved) {
      guard let nic = candidate.nic, let reference = candidate.reference else { continue }
      entries[candidate.address] = DeclaredNIC(
        reference: reference, nic: nic, guest: candidate.guestClaim?.guest, claim: candidate.guestClaim?.claim
      )
    }
    self.entries = entries
  }

  public subscript(address: PCIAddress) -> DeclaredNIC? { entries[address] }
}

/// What the manifests declare of one function.
public struct DeclaredNIC: Sendable {
  public let reference: NICReference
  public let nic: HostNIC
  public let guest: GuestManifest?
  public let claim: Claim?

  /// The line of the manifest that claims the NIC, or that names it if no guest claims it.
  public var origin: String? {
    (claim?.from.location ?? nic.name.location)?.description
  }
}
