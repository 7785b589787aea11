import Documents
import HostModel
import Manifests

/// The manifests of one host with the function of each NIC and member, before members are assigned.
struct ResolvedManifests {
  let request: Request
  let host: HostIndex
  let pools: PoolMembers
  let resolution: Resolution
  let names: GuestNames
  let memory: AssignmentMemory
  /// The claims that name one function.
  private(set) var fixed: [NICReference: (guest: GuestManifest, claim: Claim)] = [:]
  /// The claims that name what is missing, or what another claim names.
  private(set) var claimRefusals: [Refusal] = []
  /// The claims that do not.
  private(set) var demands: [Demand] = []
  /// The members of each pool, and the VFs of each NIC that a claim may get, by address.
  let members: [String: [PoolMember]]
  let membersByAddress: [PCIAddress: PoolMember]
  /// The names of the NICs and ports that guests leave.
  let drained: Set<String>

  init(_ request: Request, on host: HostIndex) {
    self.request = request
    self.host = host
    pools = PoolMembers(request.host, host)
    resolution = Resolution(pools.nics, host)
    names = GuestNames(request.guests, on: host)
    memory = AssignmentMemory(request, host)
    let pools = pools
    let drained = Set(
      request.drained.map { reference in
        let port = pools.resolved(reference)
        return port == NICReference(nic: port.nic) ? port.nic : "\(reference)"
      })
    self.drained = drained
    for guest in request.guests {
      let (manager, found) = (host.manager(of: guest), host.guest(of: guest))
      for claim in guest.spec.nics {
        let reference = claim.from.value
        let target = pools.resolved(reference)
        if pools.isMissingPort(reference, target) {
          claimRefusals.append(Self.refusal(ofMissingPort: claim, of: guest, in: pools))
        } else if request.host.isChoice(reference) {
          demands.append(
            Demand(
              claim, of: guest, manager, found, pool: reference.entry,
              port: reference.port == nil ? nil : target.nic))
        } else if let first = fixed[target] {
          claimRefusals.append(
            Self.refusal(ofSecond: claim, of: guest, for: target, after: first))
        } else {
          fixed[target] = (guest, claim)
        }
      }
    }
    let wanted = Set(demands.map(\.pool)).union(pools.ports.keys)
    members = Self.members(
      pools.nics.filter { nic in
        let reference = NICReference(nic: nic.name.value)
        return wanted.contains(reference.entry) && !drained.contains(reference.nic)
          && !drained.contains(reference.entry)
      }, resolution)
    membersByAddress = Dictionary(members.values.joined().map { ($0.address, $0) }) { one, _ in one }
  }

  private static func members(
    _ nics: [HostNIC], _ resolution: Resolution
  ) -> [String: [PoolMember]] {
    var result: [String: [PoolMember]] = [:]
    for nic in nics {
      let whole = NICReference(nic: nic.name.value)
      guard let port = resolution.functions[whole] else { continue }
      let (pool, isMember) = (whole.entry, whole.port != nil)
      if nic.virtualFunctions == nil, !isMember { continue }
      let references = nic.virtualFunctions == nil ? [whole] : Array(nic.references.dropFirst())
      for reference in references {
        guard let function = resolution.functions[reference] else { continue }
        result[pool, default: []].append(
          PoolMember(
            reference: reference, pool: pool, address: function.address, port: port.address,
            numaNode: function.numaNode ?? port.numaNode))
      }
    }
    return result.mapValues { $0.sorted { $0.address < $1.address } }
  }
}
