import Planning

/// Refusals that differ only in the VF of one PF, which are shown as one.
struct RefusalGroup {
  var first: Refusal
  /// The other VFs: `pool/1`.
  var others: [String] = []

  /// Groups the refusals, in the order of the first of each group.
  static func all(_ refusals: [Refusal]) -> [RefusalGroup] {
    var groups: [RefusalGroup] = []
    var indices: [Key: Int] = [:]
    for refusal in refusals {
      guard let nic = refusal.nic, let key = Key(refusal), let index = indices[key] else {
        if let key = Key(refusal) { indices[key] = groups.count }
        groups.append(RefusalGroup(first: refusal))
        continue
      }
      groups[index].others.append(nic)
    }
    return groups
  }

  /// What equal refusals of VFs have in common.
  private struct Key: Hashable {
    let pool: Substring
    let guest: String?
    let code: Refusal.Code
    let texts: [String]

    /// Nil where the refusal is not about a VF.
    init?(_ refusal: Refusal) {
      guard let nic = refusal.nic, let slash = nic.lastIndex(of: "/") else { return nil }
      pool = nic[..<slash]
      guest = refusal.guest
      code = refusal.code
      texts = ([refusal.message] + refusal.details + [refusal.help ?? ""]).map(Self.withoutPlace)
    }

    /// The text without the part that names the VF.
    private static func withoutPlace(_ text: String) -> String {
      text.replacing(/[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]/, with: "ADDRESS")
        .replacing(/(?:VF|virtual function|group) [0-9]+/, with: "NUMBER")
        .replacing(/([A-Za-z0-9._-]+)\/[0-9]+/) { "\($0.output.1)/NUMBER" }
    }
  }
}
