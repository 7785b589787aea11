import Documents
import HostModel
import Manifests

extension ResolvedManifests {
  /// The reasons why guests cannot leave what is drained.
  var drainRefusals: [Refusal] {
    let known = Set(pools.nics.map(\.name.value) + request.host.spec.pools.map(\.name.value))
    let unknown = drained.subtracting(known).sorted().map { name in
      Refusal(
        .select, nic: name, "\(name) is not in the manifests of \(request.host.name)",
        details: known.sorted(),
        help: nearest(to: name, among: known.sorted()).map { "did you mean \($0)?" } ?? "choose one of these")
    }
    let named = fixed.filter { reference, _ in
      drained.contains(reference.nic) || drained.contains(reference.entry)
    }
    return unknown
      + named.sorted { $0.key.description < $1.key.description }.map { reference, claimant in
        Refusal(
          .unsupported, nic: "\(reference)", guest: claimant.guest.name,
          "\(claimant.guest.name) claims \(reference) by name, so it cannot get another one",
          help: "claim a pool, or name another NIC",
          origin: claimant.claim.from.location?.description)
      }
  }
}
