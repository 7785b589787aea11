import Documents

/// All hosts and guests that the given manifests declare.
public struct Fleet: Sendable, Equatable {
  public var classes: [HostClassManifest]
  /// The hosts, each with the entries of its class.
  public var hosts: [HostManifest]
  public var guests: [GuestManifest]

  public init(
    classes: [HostClassManifest] = [], hosts: [HostManifest] = [], guests: [GuestManifest] = []
  ) {
    self.classes = classes
    self.hosts = hosts
    self.guests = guests
  }
}

extension Fleet {
  /// The guests that may run on the host, in the order of the documents.
  public func guests(of host: HostManifest) -> [GuestManifest] {
    guests.filter { $0.hosts.contains(host) }
  }

  /// The guests of each host, found without visiting all guests for each host.
  public var guestsByHost: GuestsByHost { GuestsByHost(guests) }
}

/// The guests of a fleet, by host.
public struct GuestsByHost: Sendable {
  private let guests: [GuestManifest]
  private var byName: [String: [Int]] = [:]
  private var byClass: [String: [Int]] = [:]

  init(_ guests: [GuestManifest]) {
    self.guests = guests
    byName.reserveCapacity(guests.count / 8)
    for (index, guest) in guests.enumerated() {
      switch guest.hosts {
      case .one(let name): byName[name, default: []].append(index)
      case .several(let names): for name in names { byName[name, default: []].append(index) }
      case .ofClass(let name): byClass[name, default: []].append(index)
      }
    }
  }

  /// The names of the hosts that guests name.
  var hostNames: [String] { byName.keys.sorted() }

  /// The guests that name the host, and those of its class.
  public subscript(host: HostManifest) -> [GuestManifest] {
    let named = byName[host.name] ?? []
    guard let common = host.spec.hostClass.flatMap({ byClass[$0.value] }) else {
      return named.map { guests[$0] }
    }
    return (named.isEmpty ? common : (named + common).sorted()).map { guests[$0] }
  }

  /// The guests that name a host without a document.
  func naming(_ host: String) -> [GuestManifest] { (byName[host] ?? []).map { guests[$0] } }
}
