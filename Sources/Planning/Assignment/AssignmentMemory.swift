import Documents
import HostModel
import Manifests

/// What pcipass assigned before, as the state folder of the host records it.
struct AssignmentMemory {
  /// What one claim had.
  private struct Record: Hashable {
    let uuid: String
    let nic: String
    let address: PCIAddress
  }

  /// Nil if nothing is recorded, or the record cannot be read.
  private let entries: [RememberedAssignment]?
  /// Why the record cannot be read; nil if it was read or there is none.
  let reason: String?
  /// The entries about each guest of the manifests.
  private var byGuest: [String: [RememberedAssignment]] = [:]
  /// The entries about guests that no manifest describes and that do not show what they have.
  private var others: [PCIAddress: RememberedAssignment] = [:]
  private let records: Set<Record>

  init(_ request: Request, _ host: HostIndex) {
    entries = host.state.assignments?.value
    reason = host.state.assignments?.reason
    records = Set(
      (entries ?? []).compactMap { entry in
        entry.uuid.map { Record(uuid: $0, nic: entry.nic, address: entry.address) }
      })
    guard let entries, !entries.isEmpty else { return }
    let guests = GuestsOfEntries(request.guests, host)
    for entry in entries {
      let names = guests.names(of: entry)
      for name in names { byGuest[name, default: []].append(entry) }
      // A guest that exists shows what it has.
      if names.isEmpty, !host.showsDevices(of: entry.manager) {
        others[entry.address] = entry
      }
    }
  }

  /// Whether earlier assignments are known.
  var isKnown: Bool { entries != nil }

  /// Returns what a guest without a manifest had when pcipass last saw it, in words.
  func otherGuest(having address: PCIAddress) -> String? {
    others[address].map { "\($0.guest), which no given manifest describes, had it when it last ran" }
  }

  /// Returns the addresses that the claim had before: that of its name, then those of NICs of the guest that
  /// have no claim any longer, because they may have been renamed.
  func addresses(of demand: Demand) -> [PCIAddress] {
    let own = byGuest[demand.guest.name] ?? []
    let names = Set(demand.guest.spec.nics.map(\.name.value))
    return (own.filter { $0.nic == demand.claim.name.value } + own.filter { !names.contains($0.nic) })
      .map(\.address)
  }

  /// Whether the domain of the demand is the one that had the member.
  func confirms(_ address: PCIAddress, of demand: Demand) -> Bool {
    guard let uuid = demand.state?.uuid else { return false }
    return records.contains(Record(uuid: uuid, nic: demand.claim.name.value, address: address))
  }

  /// Returns the entries that stay when others are recorded: those of claims that get nothing now, and those of
  /// guests without a manifest, until such a guest shows what it has.
  ///
  /// - Parameter current: the entries that are recorded.
  fileprivate func kept(beside current: [RememberedAssignment], _ guests: [GuestManifest])
    -> [RememberedAssignment]
  {
    let taken = Set(current.map(\.address))
    let recorded = Set(current.map { Demand.Key(guest: $0.guest, nic: $0.nic) })
    let own = guests.flatMap { guest in
      let names = Set(guest.spec.nics.map(\.name.value))
      return (byGuest[guest.name] ?? []).filter { entry in
        names.contains(entry.nic) && !recorded.contains(Demand.Key(guest: guest.name, nic: entry.nic))
      }
    }
    return (own + others.values).filter { !taken.contains($0.address) }
  }
}

/// Finds the guests that entries are about.
private struct GuestsOfEntries {
  private var byManager: [GuestManager: [String]] = [:]
  private var byPin: [String: [String]] = [:]
  private var domains: [String: GuestManager] = [:]

  init(_ guests: [GuestManifest], _ host: HostIndex) {
    for guest in guests {
      byManager[host.shownManager(of: guest), default: []].append(guest.name)
      if let pin = guest.pin { byPin[pin, default: []].append(guest.name) }
    }
    for domain in host.state.libvirt.value ?? [] {
      if let uuid = domain.uuid, domains[uuid] == nil { domains[uuid] = .libvirt(domain: domain.name) }
    }
  }

  /// Returns the guests with the UUID of the entry or, if that is unknown or no guest has it any longer, with the
  /// same name in their manager.
  func names(of entry: RememberedAssignment) -> [String] {
    let sameName = entry.manager.flatMap { byManager[$0] } ?? []
    guard let uuid = entry.uuid else { return sameName }
    if let domain = domains[uuid] {
      return (byManager[domain] ?? []) + (entry.manager?.kind == .qemu ? sameName : [])
    }
    let pinned = byPin[uuid] ?? []
    return pinned + sameName.filter { !pinned.contains($0) }
  }
}

extension ResolvedRequest {
  /// What the request changes of the remembered assignments. Nothing where they are unknown and stay so.
  public var assignmentChange: AssignmentChange {
    let before = host.state.assignments?.value
    return AssignmentChange(from: before, to: remembered ?? before)
  }

  /// The assignments to remember once this request is applied. Those of guests without a manifest stay until
  /// the guest shows that it has something else.
  ///
  /// Nil if nothing is remembered yet and it is unknown what a guest has: with any record, that guest would
  /// count as one that never had anything. Nil also for a run that assigns nothing (`--part host`).
  public var remembered: [RememberedAssignment]? {
    if declared.part == .host { return nil }
    if !assigner.manifests.memory.isKnown, assigner.isAnyUnknown { return nil }
    let declared = Dictionary(
      declared.guests.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
    let current = assignments.filter { request.includes(guest: $0.guest, nic: NICReference($0.member)) }
      .compactMap { assignment in
        declared[assignment.guest].map { guest in
          let manager = host.shownManager(of: guest)
          return RememberedAssignment(
            guest: assignment.guest, domain: manager.kind == .libvirt ? manager.name : nil,
            socket: manager.kind == .qemu ? manager.name : nil, uuid: host.guests[manager]?.uuid,
            nic: assignment.nic, pool: NICReference(assignment.member)?.entry ?? assignment.from,
            address: assignment.address)
        }
      }
    let kept = assigner.manifests.memory.kept(beside: current, self.declared.guests)
    return (kept + current).sorted { ($0.guest, $0.nic) < ($1.guest, $1.nic) }
  }
}

extension RememberedAssignment {
  var manager: GuestManager? {
    domain.map { .libvirt(domain: $0) } ?? socket.map { .qemu(socket: $0) }
  }
}

extension HostIndex {
  /// Whether the guest is there, or known not to exist, so that what it has is known.
  fileprivate func showsDevices(of manager: GuestManager?) -> Bool {
    guard let manager, case .known(let state) = guest(manager) else { return false }
    return state?.isThere ?? true
  }
}
