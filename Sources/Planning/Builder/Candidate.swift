import Documents
import HostModel
import Manifests

/// One function that a run is about, with what is declared of it.
struct Candidate {
  let address: PCIAddress
  /// Nil where the device that a guest was given is gone from the host.
  let function: PCIFunction?
  /// Nil where no Host names it any more; it is then taken out of guests, and not rebound.
  let nic: HostNIC?
  let reference: NICReference?
  let guestClaim: GuestClaim?
  let holdings: [Holding]
  /// It is a VF that comes with a change of its PF's number of VFs.
  let isComing: Bool

  /// Some guest claims one of its VFs.
  var isClaimedInParts = false
  /// The guest that it is about, where no manifest claims it.
  var otherGuest: String?

  var name: String? { reference?.description }

  /// The guest that it is about.
  var guest: String? { guestClaim?.guest.name ?? otherGuest }

  /// What the guest that claims it has of it while it runs.
  var liveHolding: Holding? {
    guestClaim.flatMap { claim in holdings.first { $0.guest == claim.manager && $0.part == .live } }
  }

  /// The manifest's line that names it.
  var origin: String? { nic?.name.place?.description }

  /// The PF that it is part of, where it was declared as a part.
  var physicalFunction: PCIAddress? {
    reference?.virtualFunction == nil ? nil : function?.virtualFunction?.physicalFunction
  }

  /// The NICs of the Host in their order, each before its VFs, then what guests still have of what pcipass once
  /// gave them.
  static func all(_ resolved: ResolvedRequest) -> [Candidate] {
    let (request, host, resolution) = (resolved.request, resolved.host, resolved.resolution)
    var result: [Candidate] = []
    for nic in request.host.spec.nics {
      for reference in nic.references {
        guard let function = resolution.functions[reference] else { continue }
        result.append(
          Candidate(
            address: function.address, function: function, nic: nic, reference: reference,
            guestClaim: resolved.claims[reference], holdings: host.holdings[function.address] ?? [],
            isComing: resolution.coming.contains(function.address)))
      }
    }
    // A claim whose NIC could not be found is a refusal; what its guest has is not taken out meanwhile.
    let unresolved = Set(
      request.guests.flatMap { guest in
        guest.spec.nics.filter { resolution.functions[$0.from.value] == nil }
          .compactMap { claim in
            host.manager(of: guest).map { MarkedNIC(guest: $0, nic: claim.name.value) }
          }
      })
    let inScope = Set(request.guests.compactMap { host.manager(of: $0) })
    let left = host.holdings.filter { address, holdings in
      resolution.nics[address] == nil
        && holdings.contains { holding in
          guard let nic = Ownership.nic(ofAlias: holding.hostdev.alias) else { return false }
          return (request.prune || inScope.contains(holding.guest))
            && !unresolved.contains(MarkedNIC(guest: holding.guest, nic: nic))
        }
    }
    for (address, holdings) in left.sorted(by: { $0.key < $1.key }) {
      result.append(
        Candidate(
          address: address, function: host.functions[address], nic: nil, reference: nil, guestClaim: nil,
          holdings: holdings, isComing: false))
    }
    return result
  }

  /// A guest's NIC as the mark on its device names it.
  private struct MarkedNIC: Hashable {
    let guest: GuestManager
    let nic: String
  }
}

extension HostNIC {
  /// The NIC itself, then its parts.
  var references: [NICReference] {
    let parts = 0..<(virtualFunctions?.value.count ?? 0)
    return [NICReference(nic: name.value)]
      + parts.map { NICReference(nic: name.value, virtualFunction: $0) }
  }
}
