import Documents
import HostModel

/// Checks the guests of one host: each by itself, and that no two are the same guest or claim the same.
enum GuestCheck {
  /// - Parameter host: nil if the manifests have no Host of that name.
  static func check(
    _ guests: [GuestManifest], of hostName: String, _ host: HostManifest?, _ result: inout [Diagnostic]
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
              help: "set the same uri for all libvirt guests of \(hostName), or remove uri and use --connect")
          )
        }
      }
      if let first = names[guest.name] {
        result.append(
          .duplicateName("the guest \(guest.name) of \(hostName)", guest.metadata.name, first))
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
        let reference = claim.from.value
        let entry = host?.entry(reference.entry)
        if entry?.isChoice(reference) ?? (reference.virtualFunction == nil) {
          // Each claim gets another one.
        } else if let first = claims[reference] {
          result.append(
            Diagnostic(
              code: "double-claim", "\(reference) of \(hostName) is claimed twice",
              at: claim.from.location, related: first, help: "remove one of the two claims"))
        } else {
          claims[reference] = claim.from.location
        }
        if let host { ClaimCheck.check(claim, of: guest, entry, on: host, &result) }
      }
    }
  }

  /// Warns of a MAC address that two hosts may have at the same time.
  static func warnings(of guest: GuestManifest) -> [Diagnostic] {
    guard guest.hosts.single == nil, !guest.spec.isMobile else { return [] }
    return guest.spec.nics.filter { $0.settings.mac != nil }.map { claim in
      Diagnostic(
        .warning, code: "shared-mac",
        "\(guest.name) runs on several hosts, and each sets the same MAC address for \(claim.name.value)",
        at: claim.name.location,
        help: "set mobile: true if the guest runs on one host at a time, or remove mac")
    }
  }

  private static func same(
    _ guest: GuestManifest, as first: Located<String>, _ words: String, at location: SourceLocation?
  ) -> Diagnostic {
    Diagnostic(
      code: "conflict", "\(guest.name) and \(first.value) are the same guest: \(words)", at: location,
      related: first.location)
  }

  private static func check(_ guest: GuestManifest, _ result: inout [Diagnostic]) {
    var names: [String: Located<String>] = [:]
    for claim in guest.spec.nics {
      if let first = names[claim.name.value] {
        result.append(
          .duplicateName("the NIC \(claim.name.value) of \(guest.name)", claim.name, first))
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
}
