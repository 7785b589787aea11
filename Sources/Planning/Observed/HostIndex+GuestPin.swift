import Documents
import HostModel
import Manifests

/// The guest of the host that a manifest is about.
extension HostIndex {
  /// Returns the guest that the manifest is about. A pinned domain (`libvirt.uuid`) is found by its UUID.
  ///
  /// - Returns: `nil` if libvirt has no domain with that UUID, or `libvirt.domain` names a different one.
  func manager(of guest: GuestManifest) -> GuestManager? {
    guard let pin = guest.pin, state.libvirt.value != nil else { return guest.manager }
    guard let domain = domain(pin) else { return nil }
    let name = guest.spec.libvirt?.domain
    return name == nil || name == domain.name ? .libvirt(domain: domain.name) : nil
  }

  /// Returns the guest as messages name it, whether or not it exists.
  func shownManager(of guest: GuestManifest) -> GuestManager { manager(of: guest) ?? guest.manager }

  /// Returns the state of the guest that the manifest is about.
  func guest(of manifest: GuestManifest) -> Observed<GuestState?> {
    manager(of: manifest).map { guest($0) } ?? .known(nil)
  }

  /// Returns the reason why no domain is the one that the manifest pins, or `nil` if one is.
  func pinViolation(_ guest: GuestManifest, origin: String?) -> Violation? {
    guard let pin = guest.pin, manager(of: guest) == nil else { return nil }
    let domains = state.libvirt.value ?? []
    let pinned = domain(pin)
    let named = guest.spec.libvirt?.domain.flatMap { name in domains.first { $0.name == name } }
    if let named, let uuid = named.uuid {
      return Violation(
        .guestMissing,
        "the libvirt domain \(named.name) has the UUID \(uuid), but the manifest pins \(pin): it is another guest",
        details: pinned.map { ["the libvirt domain \($0.name) has the UUID \(pin)"] } ?? [],
        help: pinned == nil
          ? "correct libvirt.uuid; to print the UUID of this domain: virsh domuuid \(named.name)"
          : "remove libvirt.domain (the UUID alone finds the domain), or correct libvirt.uuid",
        origin: origin)
    }
    if let pinned, let name = guest.spec.libvirt?.domain {
      return Violation(
        .guestMissing,
        "libvirt has no domain named \(name): the domain with the UUID \(pin) is \(pinned.name)",
        help: "correct libvirt.domain, or remove it: the UUID alone finds the domain", origin: origin
      )
    }
    if domains.contains(where: { $0.uuid == nil }) {
      return Violation(
        .unavailable,
        "which domain has the UUID \(pin) is unknown: domain UUIDs are not recorded in the snapshot",
        help: "take a new snapshot: pcipass snapshot", origin: origin)
    }
    return Violation(
      .guestMissing, "libvirt has no domain with the UUID \(pin)",
      details: domains.sorted { $0.name < $1.name }.prefix(16).map { "\($0.name) \($0.uuid ?? "")" },
      help: "define the domain first, or correct libvirt.uuid; to list all: virsh list --all --uuid --name",
      origin: origin)
  }
}

extension Request {
  /// Returns refusals for manifests that are about the same guest as another one, and for guests without
  /// claims whose pinned domain does not exist. A guard judges the claims.
  func pinRefusals(on host: HostIndex) -> [Refusal] {
    var owners: [GuestManager: GuestManifest] = [:]
    return guests.compactMap { guest in
      let origin = (guest.spec.libvirt?.uuid?.location ?? guest.metadata.name.location)?.description
      guard let manager = host.manager(of: guest) else {
        guard guest.spec.nics.isEmpty, targets.isEmpty || targets.contains(.guest(guest.name)) else {
          return nil
        }
        return host.pinViolation(guest, origin: origin).map { violation in
          Refusal(
            violation.code, guest: guest.name, violation.message, details: violation.details,
            help: violation.help, origin: origin)
        }
      }
      guard let first = owners.updateValue(guest, forKey: manager) else { return nil }
      return Refusal(
        .select, guest: guest.name,
        "the manifests \(first.name) and \(guest.name) describe the same guest: \(manager)",
        details: [first, guest].compactMap { guest in guest.pin.map { "\(guest.name) pins the UUID \($0)" } },
        help: "describe the guest in one manifest", origin: origin)
    }
  }
}
