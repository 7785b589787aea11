import Documents
import Files
import HostModel

/// Checks across documents: names that are declared twice, and claims of NICs that do not exist or are
/// claimed already.
public enum FleetCheck {
  /// Returns all problems, grouped by host. Hosts are checked in parallel, because no check
  /// concerns two hosts.
  ///
  /// - Parameter isComplete: whether all documents could be read. If not, a missing Host is not
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
              "\(guest.name) and \(first.name) use different libvirt URIs; a host has one libvirt",
              at: guest.metadata.name.location, related: first.metadata.name.location,
              help:
                "set the same uri for all libvirt guests of \(guest.host), or remove uri and use --connect"))
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
              code: "double-claim", "\(claim.from.value) of \(guest.host) is claimed twice",
              at: claim.from.location, related: first, help: "remove one of the two claims"))
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
    let short = String(guest.host.prefix { $0 != "." })
    let near =
      names.count > 200
      ? nil : names.first { $0 == short } ?? nearest(to: guest.host, among: names.sorted())
    return Diagnostic(
      code: "unknown-host", "the manifests have no Host named \(guest.host)",
      at: guest.spec.host.location,
      help: near.map { "did you mean \($0)?" } ?? "add the file with this Host"
    )
  }

  private static func same(
    _ guest: GuestManifest, as first: Located<String>, _ words: String, at location: SourceLocation?
  ) -> Diagnostic {
    Diagnostic(
      code: "conflict", "\(guest.name) and \(first.value) are the same guest: \(words)", at: location,
      related: first.location)
  }

  private static func duplicateName(_ what: String, _ second: Located<String>, _ first: Located<String>)
    -> Diagnostic
  {
    Diagnostic(
      code: "duplicate-name", "\(what) is declared twice", at: second.location,
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
            "\(nic.name.value) and \(first.name.value) select the same function", at: nic.select.location,
            related: first.select.location))
      }
      if nic.reserve, let functions = nic.virtualFunctions {
        result.append(
          Diagnostic(
            code: "conflict",
            "reserve and virtualFunctions cannot be used together: a PF whose VFs are assigned "
              + "needs its native driver", at: functions.location))
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
            code: "conflict",
            "\(key) works with libvirt only, and \(guest.name) is a QEMU guest without libvirt",
            at: claim.name.location))
      } else if claim.bind == .onStart, !claim.managed {
        result.append(
          Diagnostic(
            code: "conflict",
            "with managed: false, nothing binds \(claim.name.value) when the guest starts",
            at: claim.name.location, help: "remove bind: on-start, or remove managed: false"))
      }
    }
  }

  private static func names(of host: HostManifest) -> String {
    let names = host.spec.nics.map(\.name.value)
    return names.isEmpty ? "it has no NICs" : "it has: " + names.prefix(20).joined(separator: ", ")
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
          "libvirt sets only the VLAN id of an interface, not qos or proto",
          at: claim.name.location, help: "remove as: interface; pcipass then sets all three through the PF"))
    }
    switch (reference.virtualFunction, nic.virtualFunctions) {
    case (let index?, let functions?):
      let count = functions.value.count
      if index >= count {
        let numbers = count == 0 ? "" : ", \(nic.name.value)/0 to \(nic.name.value)/\(count - 1)"
        result.append(
          Diagnostic(
            code: "unknown-nic",
            "there is no \(reference): \(nic.name.value) has \(count) VFs\(numbers)",
            at: claim.from.location, related: functions.location))
      }
    case (.some, nil):
      result.append(
        Diagnostic(
          code: "unknown-nic", "\(nic.name.value) has no VFs in its Host manifest", at: claim.from.location,
          related: nic.name.location, help: "add virtualFunctions: {count: N} to the NIC in the Host manifest"
        ))
    case (nil, let functions?):
      result.append(
        Diagnostic(
          code: "conflict", "\(nic.name.value) is split into VFs and cannot be assigned whole",
          at: claim.from.location, related: functions.location,
          help: "claim a VF, for example \(nic.name.value)/0"
        ))
    case (nil, nil):
      if let key = claim.settings.firstKey ?? (claim.device == .interface ? "as: interface" : nil) {
        result.append(
          Diagnostic(
            code: "conflict",
            "\(key) can be set on a VF only, and \(nic.name.value) is a whole NIC",
            at: claim.name.location))
      }
    }
  }
}
