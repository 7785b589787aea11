import HostModel

/// Whether each NIC can be reset between two guests.
extension ExaminedHost {
  var resets: [Check] {
    guard !nics.isEmpty else { return [] }
    guard case .known(let resets) = survey.resets else {
      return [.unknown(.noReset, "how NICs can be reset", survey.resets.reason ?? "")]
    }
    let without = nics.filter { resets[$0.address]?.isPossible == false }
    let known = nics.filter { resets[$0.address]?.isPossible == true }
    var checks = without.map { nic in
      Check.found(
        .noReset, "\(nic.address) cannot be reset: a guest gets it as the last one left it",
        details: [nic.summary],
        help:
          "hand it to one guest only, and try its ways (a restart of the guest) before it matters; newer firmware "
          + "of the card may know a reset")
    }
    if !known.isEmpty {
      checks.append(
        .fine(
          .noReset, "\(known.count) NIC\(known.count == 1 ? "" : "s") can be reset",
          details: known.map { nic in
            let names = resets[nic.address]?.names ?? []
            return "\(nic.address): "
              + (names.isEmpty ? "the kernel does not say how" : names.joined(separator: ", "))
          }))
    }
    let unread = nics.filter { resets[$0.address] == nil }
    if !unread.isEmpty {
      checks.append(
        .unknown(
          .noReset, "how \(unread.map { "\($0.address)" }.joined(separator: ", ")) can be reset",
          "its files could not be read"))
    }
    return checks
  }
}
