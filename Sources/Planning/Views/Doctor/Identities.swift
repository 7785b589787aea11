import HostModel

/// NICs that cannot be selected by MAC address or interface name.
extension ExaminedHost {
  var identities: [Check] {
    guard !nics.isEmpty else { return [] }
    let unknown = nics.filter {
      $0.interfaces.isEmpty && $0.remembered == nil && $0.virtualFunction == nil
    }
    guard !unknown.isEmpty else {
      return [.fine(.noIdentity, "the MAC address of each NIC is known")]
    }
    return [
      .found(
        .noIdentity,
        "manifests cannot select \(unknown.count == 1 ? "a NIC" : "NICs") by MAC address or interface name",
        details: unknown.map(\.summary),
        help: "select by address; pcipass records the rest once it has seen the NIC on its native driver")
    ]
  }
}
