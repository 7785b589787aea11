import Documents
import HostModel
import Manifests

/// What pcipass assigned before, as the state folder of the host records it.
struct AssignmentMemory {
  /// Nil if nothing is recorded, or the record cannot be read.
  private let entries: [RememberedAssignment]?
  private let guests: [GuestManifest]
  private let host: HostIndex
  private let others: [PCIAddress: RememberedAssignment]

  init(_ request: Request, _ host: HostIndex) {
    entries = host.state.assignments?.value
    guests = request.guests
    self.host = host
    var others: [PCIAddress: RememberedAssignment] = [:]
    if !request.prune {
      for entry in entries ?? [] where !request.guests.contains(where: { entry.isAbout($0, on: host) }) {
        // A guest that exists shows what it has.
        guard !host.showsDevices(of: entry.manager) else { continue }
        others[entry.address] = entry
      }
    }
    self.others = others
  }

  /// Whether earlier assignments are known.
  var isKnown: Bool { entries != nil }

  /// The reason why the record cannot be read; nil if it was read or there is none.
  var reason: String? { host.state.assignments?.reason }

  /// Returns what a guest without a manifest had when pcipass last saw it, in words.
  func otherGuest(having address: PCIAddress) -> String? {
    others[address].map { "\($0.guest), which no given manifest describes, had it when it last ran" }
  }

  /// Returns the addresses that the claim had before: that of its name, then those of NICs of the guest that
  /// have no claim any longer, because they may have been renamed.
  func addresses(of demand: Demand) -> [PCIAddress] {
    let own = (entries ?? []).filter { $0.isAbout(demand.guest, on: host) }
    let names = Set(demand.guest.spec.nics.map(\.name.value))
    return (own.filter { $0.nic == demand.claim.name.value } + own.filter { !names.contains($0.nic) })
      .map(\.address)
  }

  /// Whether the domain of the demand is the one that had the member.
  func confirms(_ address: PCIAddress, of demand: Demand) -> Bool {
    guard let uuid = demand.state?.uuid else { return false }
    return (entries ?? []).contains {
      $0.address == address && $0.uuid == uuid && $0.nic == demand.claim.name.value
    }
  }
}

extension ResolvedRequest {
  /// The assignments to remember once this request is applied. Those of guests without a manifest stay until
  /// the guest shows that it has something else, or is pruned.
  ///
  /// Nil if nothing is remembered yet and it is unknown what a guest has: with any record, that guest would
  /// count as one that never had anything.
  public var remembered: [RememberedAssignment]? {
    if host.state.assignments?.value == nil, isAnyUnknown { return nil }
    let declared = Dictionary(
      declared.guests.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
    let current = assignments.filter { isTargeted($0) }.compactMap { assignment in
      declared[assignment.guest].map { guest in
        let manager = host.shownManager(of: guest)
        return RememberedAssignment(
          guest: assignment.guest, domain: manager.kind == .libvirt ? manager.name : nil,
          socket: manager.kind == .qemu ? manager.name : nil, uuid: host.guests[manager]?.uuid,
          nic: assignment.nic, pool: NICReference(assignment.member)?.entry ?? assignment.from,
          address: assignment.address)
      }
    }
    let taken = Set(current.map(\.address))
    let kept = (host.state.assignments?.value ?? []).filter { entry in
      guard !taken.contains(entry.address) else { return false }
      guard let guest = self.declared.guests.first(where: { entry.isAbout($0, on: host) }) else {
        return !self.declared.prune && !host.showsDevices(of: entry.manager)
      }
      return guest.spec.nics.contains { $0.name.value == entry.nic }
        && !current.contains { $0.guest == guest.name && $0.nic == entry.nic }
    }
    return (kept + current).sorted { ($0.guest, $0.nic) < ($1.guest, $1.nic) }
  }

  private func isTargeted(_ assignment: Assignment) -> Bool {
    request.targets.isEmpty || request.targets.contains(.guest(assignment.guest))
      || NICReference(assignment.member).map { request.includes(nic: $0.nic) } ?? false
  }
}

extension RememberedAssignment {
  var manager: GuestManager? {
    domain.map { .libvirt(domain: $0) } ?? socket.map { .qemu(socket: $0) }
  }

  /// Whether the entry is about the guest: it has the same UUID or, if that is unknown or no guest has it any
  /// longer, the same name in its manager.
  fileprivate func isAbout(_ manifest: GuestManifest, on host: HostIndex) -> Bool {
    let manager = host.shownManager(of: manifest)
    if let uuid, manager.kind == .libvirt {
      if host.domain(uuid) != nil { return host.guests[manager]?.uuid == uuid }
      if manifest.pin == uuid { return true }
    }
    return self.manager == manager
  }
}

extension HostIndex {
  /// Whether the guest is there, or known not to exist, so that what it has is known.
  fileprivate func showsDevices(of manager: GuestManager?) -> Bool {
    guard let manager, case .known(let state) = guest(manager) else { return false }
    guard let state else { return true }
    return state.live != nil || state.persistent != nil
  }
}
