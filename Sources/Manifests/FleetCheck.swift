import Documents
import Files
import HostModel

/// Checks across documents: names that are declared twice, and claims of NICs that do not exist or are
/// claimed already.
public enum FleetCheck {
  /// All problems, grouped by host. Hosts are checked in parallel, because no check concerns two hosts.
  ///
  /// - Parameter isComplete: whether all documents could be read. Otherwise a Host that is missing is not
  ///   reported, because it may be in an unreadable document.
  public static func diagnostics(of fleet: Fleet, isComplete: Bool = true) -> [Diagnostic] {
    let groups = groups(of: fleet)
    let names = fleet.hosts.map(\.name)
    return inParallel(count: groups.count, atLeast: 500) { part in
      groups[part].map { group in
        var result: [Diagnostic] = []
        checkHosts(group.hosts.map { fleet.hosts[$0] }, &result)
        let host = group.hosts.first.map { fleet.hosts[$0] }
        checkGuests(group.guests.map { fleet.guests[$0] }, of: host, &result)
        if host == nil, isComplete {
          result += group.guests.map { unknownHost(of: fleet.guests[$0], among: names) }
        }
        return result
      }
    }.flatMap { $0 }
  }

  /// The documents about one host, as indices into the fleet.
  private struct Group: Sendable {
    var hosts: [Int] = []
    var guests: [Int] = []
  }

  private static func groups(of fleet: Fleet) -> [Group] {
    var numbers: [String: Int] = [:]
    numbers.reserveCapacity(fleet.hosts.count)
    var groups: [Group] = []
    groups.reserveCapacity(fleet.hosts.count)
    func number(of name: String) -> Int {
      if let number = numbers[name] { return number }
      numbers[name] = groups.count
      groups.append(Group())
      return groups.count - 1
    }
    for (index, host) in fleet.hosts.enumerated() { groups[number(of: host.name)].hosts.append(index) }
    for (index, guest) in fleet.guests.enumerated() { groups[number(of: guest.host)].guests.append(index) }
    return groups
  }

  private static func checkHosts(_ hosts: [HostManifest], _ result: inout [Diagnostic]) {
    for host in hosts { check(host, &result) }
    guard let first = hosts.first else { return }
    for second in hosts.dropFirst() {
      result.append(duplicateName("the host \(first.name)", second.metadata.name, first.metadata.name))
    }
  }

  private static func checkGuests(
    _ guests: [GuestManifest], of host: HostManifest?, _ result: inout [Diagnostic]
  ) {
    var names: [String: Located<String>] = [:]
    var managers: [GuestManager: Located<String>] = [:]
    var pins: [String: Located<String>] = [:]
    var claims: [NICReference: SourceLocation?] = [:]
    var libvirt: GuestManifest?
    for guest in guests {
      if guest.spec.qemu == nil {
        let first = libvirt ?? guest
        libvirt = first
        if first.spec.libvirt?.uri != guest.spec.libvirt?.uri {
          result.append(
            Diagnostic(
              code: "conflict",
              "\(guest.name) and \(first.name) are not of the same libvirt: a host has one",
              at: guest.metadata.name.location, related: first.metadata.name.location,
              help: "give all libvirt guests of \(guest.host) the same uri, or none and use --connect"))
        }
      }
      if let first = names[guest.name] {
        result.append(duplicateName("the guest \(guest.name) of \(guest.host)", guest.metadata.name, first))
      } else {
        names[guest.name] = guest.metadata.name
        if let uuid = guest.spec.libvirt?.uuid,
          let first = pins.updateValue(guest.metadata.name, forKey: uuid.value)
        {
          result.append(
            same(guest, as: first, "the libvirt domain with the UUID \(uuid.value)", at: uuid.location))
        } else if guest.isNamed,
          let first = managers.updateValue(guest.metadata.name, forKey: guest.manager)
        {
          result.append(same(guest, as: first, guest.manager.description, at: guest.metadata.name.location))
        }
      }
      check(guest, &result)
      for claim in guest.spec.nics {
        if let first = claims[claim.from.value] {
          result.append(
            Diagnostic(
              code: "double-claim", "\(claim.from.value) of \(guest.host) is claimed a second time",
              at: claim.from.location, related: first, help: "one NIC, one claim"))
        } else {
          claims[claim.from.value] = claim.from.location
        }
        if let host { check(claim, of: guest, on: host, &result) }
      }
    }
  }

  private static func unknownHost(of guest: GuestManifest, among names: [String]) -> Diagnostic {
    // The search for the nearest name visits all names, which is too slow to do for each guest of a large
    // fleet.
    let near = names.count > 200 ? nil : nearest(to: guest.host, among: names.sorted())
    return Diagnostic(
      code: "unknown-host", "no Host named \(guest.host) is among the manifests given",
      at: guest.spec.host.location,
      help: near.map { "did you mean \($0)?" } ?? "give the file with the Host too"
    )
  }

  private static func same(
    _ guest: GuestManifest, as first: Located<String>, _ words: String, at location: SourceLocation?
  ) -> Diagnostic {
    Diagnostic(
      code: "conflict", "\(guest.name) is the same guest as \(first.value): \(words)", at: location,
      related: first.location)
  }

  private static func duplicateName(_ what: String, _ second: Located<String>, _ first: Located<String>)
    -> Diagnostic
  {
    Diagnostic(
      code: "duplicate-name", "\(what) is declared a second time", at: second.location,
      related: first.location)
  }

  private static func check(_ host: HostManifest, _ result: inout [Diagnostic]) {
    var names: [String: Located<String>] = [:]
    var selectors: [Selector: HostNIC] = [:]
    for nic in host.spec.nics {
      if let first = names[nic.name.value] {
        result.append(duplicateName("the NIC \(nic.name.value) of \(host.name)", nic.name, first))
      } else {
        names[nic.name.value] = nic.name
      }
      if let first = selectors.updateValue(nic, forKey: nic.select.value) {
        result.append(
          Diagnostic(
            code: "duplicate-select",
            "\(nic.name.value) selects the same function as \(first.name.value)", at: nic.select.location,
            related: first.select.location))
      }
      if nic.reserve, let functions = nic.virtualFunctions {
        result.append(
          Diagnostic(
            code: "conflict",
            "reserve and virtualFunctions exclude each other: a PF whose VFs are handed out "
              + "needs its own driver", at: functions.location))
      }
    }
  }

  private static func check(_ guest: GuestManifest, _ result: inout [Diagnostic]) {
    var names: [String: Located<String>] = [:]
    for claim in guest.spec.nics {
      if let first = names[claim.name.value] {
        result.append(duplicateName("the NIC \(claim.name.value) of \(guest.name)", claim.name, first))
      } else {
        names[claim.name.value] = claim.name
      }
      if guest.spec.qemu != nil, claim.device == .interface || claim.bind == .onStart || !claim.managed {
        let key =
          claim.device == .interface ? "as: interface" : claim.managed ? "bind: on-start" : "managed: false"
        result.append(
          Diagnostic(
            code: "conflict", "\(key) is something of libvirt's, and \(guest.name) is a QEMU without it",
            at: claim.name.location))
      } else if claim.bind == .onStart, !claim.managed {
        result.append(
          Diagnostic(
            code: "conflict",
            "with managed: false nobody would bind \(claim.name.value) when the guest starts",
            at: claim.name.location, help: "leave out bind: on-start, or managed: false"))
      }
    }
  }

  private static func names(of host: HostManifest) -> String {
    let names = host.spec.nics.map(\.name.value)
    return names.isEmpty ? "it hands out none" : "it has: " + names.prefix(20).joined(separator: ", ")
  }

  private static func check(
    _ claim: Claim, of guest: GuestManifest, on host: HostManifest, _ result: inout [Diagnostic]
  ) {
    let reference = claim.from.value
    guard let nic = host.spec.nics.first(where: { $0.name.value == reference.nic }) else {
      result.append(
        Diagnostic(
          code: "unknown-nic", "\(host.name) has no NIC named \(reference.nic)", at: claim.from.location,
          help: nearest(to: reference.nic, among: host.spec.nics.map(\.name.value)).map {
            "did you mean \($0)?"
          }
            ?? names(of: host)))
      return
    }
    if claim.device == .interface, let vlan = claim.settings.vlan, vlan != VLAN(id: vlan.id) {
      result.append(
        Diagnostic(
          code: "conflict",
          "libvirt puts an interface into a VLAN by its number alone, without qos and proto",
          at: claim.name.location, help: "leave out as: interface, and the PF sets all three"))
    }
    switch (reference.virtualFunction, nic.virtualFunctions) {
    case (let index?, let functions?):
      if index >= functions.value.count {
        result.append(
          Diagnostic(
            code: "unknown-nic",
            "\(nic.name.value) has \(functions.value.count) virtual functions: there is no \(reference)",
            at: claim.from.location, related: functions.location))
      }
    case (.some, nil):
      result.append(
        Diagnostic(
          code: "unknown-nic", "\(nic.name.value) has no virtual functions", at: claim.from.location,
          related: nic.name.location, help: "virtualFunctions: {count: N} on the Host gives it some"))
    case (nil, let functions?):
      result.append(
        Diagnostic(
          code: "conflict", "\(nic.name.value) is handed out in virtual functions, not whole",
          at: claim.from.location, related: functions.location, help: "claim \(nic.name.value)/0, for example"
        ))
    case (nil, nil):
      if let key = claim.settings.firstKey ?? (claim.device == .interface ? "as: interface" : nil) {
        result.append(
          Diagnostic(
            code: "conflict",
            "\(key) can be set on a virtual function only, and \(nic.name.value) is a whole NIC",
            at: claim.name.location))
      }
    }
  }
}
