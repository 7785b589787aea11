import Documents
import HostModel
import Manifests

/// The function of each NIC in the manifests, and the guest that claims it.
public struct Claims: Sendable {
  private let entries: [PCIAddress: DeclaredNIC]

  public init(_ resolved: ResolvedRequest) {
    var entries: [PCIAddress: DeclaredNIC] = [:]
    let assignments = Dictionary(
      resolved.assignments.map { ($0.address, $0) }, uniquingKeysWith: { one, _ in one })
    for candidate in Candidate.all(resolved) {
      guard let nic = candidate.nic, let reference = candidate.reference else { continue }
      entries[candidate.address] = DeclaredNIC(
        reference: reference, nic: nic, guest: candidate.guestClaim?.guest,
        claim: candidate.guestClaim?.claim,
        assignment: candidate.guestClaim == nil ? nil : assignments[candidate.address])
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
  /// Why the guest has it, or gets it, from a pool; `nil` if the claim names the NIC itself.
  public let assignment: Assignment?

  /// The line of the manifest that claims the NIC, or that names it if no guest claims it.
  public var origin: String? {
    (claim?.from.location ?? nic.name.location)?.description
  }
}
