import HostModel

/// Why a run that does not look at guests (`--part host`) leaves a function, or its settings, as they are.
enum LeftForGuests: Hashable {
  /// No manifest claims it, and a guest may have it.
  case unclaimed
  /// A process has it open: the guest that claims it, or another one.
  case open(String)
  /// It would return to the host, and guests may have or get other functions of its IOMMU group.
  case group
  /// Another VF, which stays as it is, has the MAC address that this one would get.
  case sharedMAC(PCIAddress)
  /// The guest that claims it may be on another host.
  case elsewhere(guest: String)

  /// Returns the notice about functions of one NIC.
  func notice(about functions: [PCIAddress], nic: String?) -> Notice {
    let names = functions.map { "\($0)" }.joined(separator: ", ")
    let (isOne, reason) = (functions.count == 1, HostState.guestsNotLookedAt)
    let unchanged = "\(names) \(isOne ? "is" : "are") not changed: "
    let unset = "the settings of \(names) are not changed: "
    switch self {
    case .unclaimed:
      return Notice(
        .unknown, nic: nic,
        unchanged
          + "no manifest claims \(isOne ? "it" : "them"), and whether a guest has \(isOne ? "it" : "one of them") "
          + "is unknown: \(reason)")
    case .open(let use): return Notice(.waits, nic: nic, unchanged + use)
    case .group:
      return Notice(
        .unknown, nic: nic,
        unchanged + "whether a guest has another function of its IOMMU group is unknown: \(reason)")
    case .sharedMAC(let other):
      return Notice(
        .unknown, nic: nic,
        unset + "\(other) has the MAC address, and whether a guest has \(other) is unknown: \(reason)")
    case .elsewhere(let guest):
      return Notice(
        .unknown, nic: nic, guest: guest,
        unset + "whether \(guest) is on this host is unknown: \(reason)")
    }
  }
}
