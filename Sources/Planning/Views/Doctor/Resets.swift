import HostModel

/// Whether each NIC can be reset between two guests.
extension ExaminedHost {
  var resets: [Check] {
    guard !nics.isEmpty else { return [] }
    guard case .known(let resets) = survey.resets else {
      return [.unknown(.noReset, "whether NICs can be reset", survey.resets.reason ?? "")]
    }
    let without = nics.filter { resets[$0.address]?.isPossible == false }
    let known = nics.filter { resets[$0.address]?.isPossible == true }
    var checks = without.map { nic in
      Check.found(
        .noReset,
        "\(nic.address) cannot be reset: a guest gets the NIC in the state in which the previous guest left it",
        details: [nic.summary],
        help:
          "assign it to one guest only, and test a restart of that guest before production; newer firmware of the "
          + "card may support a reset")
    }
    if !known.isEmpty {
      checks.append(
        .fine(
          .noReset, "\(known.count) NIC\(known.count == 1 ? "" : "s") can be reset",
          details: known.map { nic in
            let names = resets[nic.address]?.names ?? []
            return "\(nic.address): "
              + (names.isEmpty ? "the kernel does not show how" : names.joined(separator: ", "))
          }))
    }
    let unread = nics.filter { resets[$0.address] == nil }
    if !unread.isEmpty {
      checks.append(
        .unknown(
          .noReset, "whether \(unread.map { "\($0.address)" }.joined(separator: ", ")) can be reset",
          "its files could not be read"))
    }
    return checks
  }
}
