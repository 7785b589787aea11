import Documents
import HostModel
import Manifests

/// The members of the pools of a host. They depend on the manifests and on what the functions are, never on
/// what uses them.
struct PoolMembers {
  /// The NICs of the Host, then the members of its pools, each as a NIC of its own.
  private(set) var nics: [HostNIC]
  /// The addresses of the members of each pool, in order. A pool that is refused has none.
  private(set) var ports: [String: [PCIAddress]] = [:]
  private(set) var refusals: [Refusal] = []

  init(_ manifest: HostManifest, _ host: HostIndex) {
    nics = manifest.spec.nics
    for pool in manifest.spec.pools {
      let excluded = Set(pool.exclude.flatMap { host.ports(matching: $0.value) }.map(\.address))
      let matching = host.ports(matching: pool.select.value)
      let members = matching.filter { !excluded.contains($0.address) }.sorted { $0.address < $1.address }
      if let refusal = Self.refusal(of: pool, members, of: matching, host) {
        refusals.append(refusal)
      } else {
        ports[pool.name.value] = members.map(\.address)
        nics += members.map { pool.member($0.address) }
      }
    }
  }

  private static func refusal(
    of pool: NICPool, _ members: [PCIFunction], of matching: [PCIFunction], _ host: HostIndex
  ) -> Refusal? {
    let name = pool.name.value
    let expected = pool.expect?.value.count
    if let slot = pool.select.value.slot, host.ports(inSlot: slot).count > 1 {
      return host.ambiguousSlot(slot, nic: name, origin: pool.select.location)
    }
    guard !members.isEmpty, expected ?? members.count == members.count else {
      let isExcluded = members.isEmpty && !matching.isEmpty
      let found =
        members.isEmpty
        ? "no NIC of this host matches \(pool.select.value)" + (isExcluded ? " and is not excluded" : "")
        : "\(members.count) NICs of this host match \(pool.select.value)"
      return Refusal(
        .select, nic: name, found + (expected.map { "; the pool \(name) expects \($0)" } ?? ""),
        details: (isExcluded ? matching : members).prefix(16).map(\.summary),
        help: matching.isEmpty
          ? pool.select.value.help(host)
          : "correct select, exclude or expect.count of the pool; to list the NICs: pcipass devices",
        origin: ((expected == nil ? nil : pool.expect?.location) ?? pool.select.location)?.description)
    }
    return nil
  }

  /// Whether the reference names a port that its pool does not have. A pool that is refused has unknown ports.
  ///
  /// - Parameter target: the same reference, resolved.
  func isMissingPort(_ reference: NICReference, _ target: NICReference) -> Bool {
    guard ports[reference.entry] != nil, reference.port != nil || reference.virtualFunction != nil else {
      return false
    }
    return !nics.contains { $0.name.value == target.nic }
  }

  /// Returns the same reference with the address of the port in place of its number, for a pool.
  func resolved(_ reference: NICReference) -> NICReference {
    guard let ports = ports[reference.entry] else { return reference }
    var result = reference
    if let text = reference.port {
      guard let index = Int(text), ports.indices.contains(index) else { return reference }
      result.nic = "\(reference.entry)/\(ports[index])"
    } else if let index = reference.virtualFunction, ports.indices.contains(index) {
      // `fast/1` is port 1 of a pool that is not split into VFs.
      result = NICReference(nic: "\(reference.entry)/\(ports[index])")
    }
    return result
  }
}

extension HostIndex {
  /// Returns the refusal of a slot name that stands for different cards.
  func ambiguousSlot(_ slot: String, nic: String, origin: SourceLocation?) -> Refusal {
    Refusal(
      .select, nic: nic, "the slot \(slot) is ambiguous: a slot, a label or an index of the firmware",
      details: ports(inSlot: slot).map { "slot \(slot): " + $0.map { "\($0)" }.joined(separator: ", ") },
      help: "select by address, path or serial: pcipass devices", origin: origin?.description)
  }
}
