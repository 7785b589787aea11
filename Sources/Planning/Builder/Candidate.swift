import Documents
import HostModel
import Manifests

/// A function that a run may change, with what the manifests declare for it.
struct Candidate {
  let address: PCIAddress
  /// The observed function; `nil` if it is not on the host any more, but a guest still has its
  /// device.
  let function: PCIFunction?
  /// The entry of the Host; `nil` if no Host names the function any more. It is then removed from guests and
  /// not bound to another driver.
  let nic: HostNIC?
  let reference: NICReference?
  let guestClaim: GuestClaim?
  let holdings: [Holding]
  /// Whether the function is a VF that a change of its PF's number of VFs creates.
  let isCreatedByPlan: Bool

  /// Whether a guest claims one of its VFs.
  var hasClaimedVFs = false
  /// The guest that a step is about, if no manifest claims the function for it.
  var otherGuest: String?

  var name: String? { reference?.description }

  /// The name of the guest that the change is about.
  var guest: String? { guestClaim?.guest.name ?? otherGuest }

  /// The function as the claiming guest has it while it runs.
  var liveHolding: Holding? {
    guestClaim.flatMap { claim in holdings.first { $0.guest == claim.manager && $0.part == .live } }
  }

  /// The line of the manifest that names the NIC.
  var origin: String? { nic?.name.location?.description }

  /// The PF of a VF that is declared as a VF of its PF.
  var physicalFunction: PCIAddress? {
    reference?.virtualFunction == nil ? nil : function?.virtualFunction?.physicalFunction
  }

  /// Returns the NICs of the Host in their order, each before its VFs, then other functions that guests have
  /// with the ownership mark of pcipass.
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
            isCreatedByPlan: resolution.createdVFs.contains(function.address)))
      }
    }
    // A claim whose NIC is not found is refused. Its device stays in the guest.
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
          holdings: holdings, isCreatedByPlan: false))
    }
    return result
  }

  /// The NIC of a guest, as the ownership mark on its device names it.
  private struct MarkedNIC: Hashable {
    let guest: GuestManager
    let nic: String
  }
}

extension HostNIC {
  /// The NIC itself, then its VFs.
  var references: [NICReference] {
    let parts = 0..<(virtualFunctions?.value.count ?? 0)
    return [NICReference(nic: name.value)]
      + parts.map { NICReference(nic: name.value, virtualFunction: $0) }
  }
}
