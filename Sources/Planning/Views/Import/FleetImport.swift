import Documents
import Files
import HostModel
import Manifests

/// Manifests that describe several observed hosts. Hosts that are alike are one class. A plan of each host only
/// adds ownership marks to devices in definitions.
public struct FleetImport: Sendable {
  /// The classes, those with most hosts first.
  public private(set) var classes: [ImportedClass] = []
  /// The hosts, in the order in which they were given.
  public private(set) var hosts: [ImportedHost]

  /// A class and what its hosts have in common.
  public struct ImportedClass: Sendable {
    public fileprivate(set) var manifest: HostClassManifest
    /// The numbers of its hosts.
    public fileprivate(set) var members: [Int]
    /// The guests that each of the hosts has.
    public fileprivate(set) var guests: [GuestManifest] = []
  }

  /// One host.
  public struct ImportedHost: Sendable {
    /// All NICs and guests of the host, and their plan.
    public let result: Import
    /// The Host document: without what its class has.
    public fileprivate(set) var manifest: HostManifest
    /// The guests of this host alone.
    public fileprivate(set) var guests: [GuestManifest]

    fileprivate init(_ result: Import) {
      self.result = result
      (manifest, guests) = (result.host, result.guests)
    }
  }

  /// Imports each host, compares the results, and imports hosts that are alike again with common names and
  /// selectors. A host whose second result differs from that of its class stays as it was imported alone.
  ///
  /// - Parameter includesFree: whether NICs are included that no guest has and that could be assigned.
  public init(_ observed: [HostIndex], includesFree: Bool = false) {
    let alone = Self.imports(
      observed, includesFree, entries: Array(repeating: [:], count: observed.count))
    hosts = alone.map { ImportedHost($0) }
    let drafts = ClassDraft.all(
      zip(alone, observed).enumerated().map { number, pair in
        pair.0.host.spec.nics.compactMap { SharedNIC($0, of: pair.0, on: pair.1, number: number) }
      }
    ).filter { $0.members.count > 1 }
    var entries: [[PCIAddress: Import.SharedEntry]] = Array(repeating: [:], count: observed.count)
    for draft in drafts {
      for (nic, entry) in zip(draft.nics, draft.entries()) {
        for (number, function) in nic.functions { entries[number][function.address] = entry }
      }
    }
    let again = Self.imports(observed, includesFree, entries: entries)
    var names = Set(observed.map(\.state.host))
    for draft in drafts.sorted(by: { $0.members.count > $1.members.count }) {
      let name = draft.name(observed, besides: names)
      guard add(name, draft, again, observed) else { continue }
      names.insert(name)
    }
  }

  private static func imports(
    _ observed: [HostIndex], _ includesFree: Bool, entries: [[PCIAddress: Import.SharedEntry]]
  ) -> [Import] {
    inParallel(count: observed.count, atLeast: 4) { part in
      part.map { number in
        var options = Import.Options(host: observed[number].state.host)
        (options.includesFree, options.onlyMarks) = (includesFree, true)
        options.entries = entries[number]
        return Import(observed[number], options)
      }
    }
  }

  /// Adds a class, and returns whether at least two hosts have its NICs.
  private mutating func add(
    _ name: String, _ draft: ClassDraft, _ again: [Import], _ observed: [HostIndex]
  ) -> Bool {
    let common = Set(draft.entries().map(\.name))
    func nics(_ number: Int) -> [HostNIC] {
      again[number].host.spec.nics.filter { common.contains($0.name.value) }
    }
    guard let first = draft.members.first(where: { nics($0).count == common.count }) else { return false }
    let shared = nics(first)
    let members = draft.members.filter { number in
      nics(number).count == shared.count && shared.allSatisfy(nics(number).contains)
    }.sorted()
    guard members.count > 1 else { return false }
    let metadata = Metadata(name: Located(name))
    var result = ImportedClass(
      manifest: HostClassManifest(metadata: metadata, spec: HostManifest.Spec(nics: shared)),
      members: members)
    for number in members {
      hosts[number] = ImportedHost(again[number])
      hosts[number].manifest.spec = HostManifest.Spec(
        hostClass: Located(name),
        nics: again[number].host.spec.nics.filter { !common.contains($0.name.value) })
    }
    shareGuests(in: &result, observed)
    classes.append(result)
    return true
  }

  /// Makes one document of the guests that are the same on each host of the class. A guest with a MAC address
  /// stays one document for each host, because two hosts must not set the same address.
  private mutating func shareGuests(in result: inout ImportedClass, _ observed: [HostIndex]) {
    let common = Set(result.manifest.spec.nics.map(\.name.value))
    let shared = hosts[result.members[0]].guests.filter { guest in
      guest.spec.nics.allSatisfy { $0.settings.mac == nil && common.contains($0.from.value.nic) }
        && result.members.allSatisfy { number in
          hosts[number].guests.contains { $0.isSame(as: guest) }
        }
    }.map { guest in
      var guest = guest
      guest.spec.hosts = Located(.ofClass(result.manifest.name))
      return guest
    }
    guard !shared.isEmpty else { return }
    let names = Set(shared.map(\.name))
    func others(_ number: Int) -> [GuestManifest] {
      hosts[number].guests.filter { !names.contains($0.name) }
    }
    let isProven = result.members.allSatisfy { number in
      var host = hosts[number].manifest
      host.spec.nics = result.manifest.spec.nics + host.spec.nics
      let request = Request(host: host, guests: shared + others(number))
      return Planner.plan(ResolvedRequest(request, on: observed[number])).onlyMarks
    }
    guard isProven else { return }
    for number in result.members { hosts[number].guests = others(number) }
    result.guests = shared
  }
}

extension GuestManifest {
  /// Whether both are the same guest with the same claims, each on its host.
  fileprivate func isSame(as other: GuestManifest) -> Bool {
    var moved = other
    moved.spec.hosts = spec.hosts
    return self == moved
  }
}
