import HostModel

/// Whether a domain may start with its VFs, as libvirt's hook asks.
public enum GuestStart {
  /// Returns the first VF of the domain that is recorded for it and is not as recorded; nil if there is none. A
  /// guest without its VLAN would be in another network.
  ///
  /// - Parameters:
  ///   - domain: the domain, from the XML with which libvirt starts it.
  ///   - host: the host. Its guests need not be known.
  public static func problem(of domain: GuestState, in record: BootRecord, on host: HostIndex) -> BootProblem?
  {
    let devices = Set(((domain.persistent ?? []) + (domain.live ?? [])).map(\.address))
    for entry in record.entries
    where entry.physicalFunction != nil && entry.settings != nil && devices.contains(entry.address) {
      guard let guest = entry.guest, guest.uuid == nil || guest.uuid == domain.uuid else { continue }
      if let problem = entry.startProblem(on: host) { return problem }
    }
    return nil
  }
}

extension BootEntry {
  /// The reason why a guest must not start with the VF. Its driver does not count, because libvirt checks it.
  fileprivate func startProblem(on host: HostIndex) -> BootProblem? {
    var entry = self
    entry.binding = nil
    switch entry.state(on: host) {
    case .inPlace, .atHost: return nil
    case .missing: return BootProblem(.missing, self, "the VF \(address) (\(nic)) does not exist")
    case .replaced(let found):
      return BootProblem(.replaced, self, "another function is at \(address) (\(nic)): \(found)")
    case .different(let found):
      return BootProblem(.different, self, "the VF \(address) (\(nic)) is not set: \(found)")
    case .unknown(let reason):
      return BootProblem(.unknown, self, "the settings of the VF \(address) (\(nic)) are unknown: \(reason)")
    }
  }
}
