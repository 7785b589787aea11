import HostModel
import Manifests

/// What the status of a host comes down to: one line of the status of a fleet.
public struct HostSummary: Sendable, Equatable {
  public var host: String
  /// Nil if the host itself was read.
  public var snapshot: SnapshotState?
  /// The reason why nothing is known of the host; nil if it was read.
  public var unavailable: String?
  /// The states of its NICs, and of what is not about a NIC.
  public var states: Set<SyncState>
  /// Nil if nothing is known of the host.
  public var nics: Differing?
  /// Nil if nothing is known of the host.
  public var guests: Differing?
  /// The codes of the refusals, each once.
  public var refusals: [Refusal.Code] = []
  public var pools: [PoolStatus] = []

  /// Whether the snapshot of a host could be read, from the best case to the worst.
  public enum SnapshotState: String, CaseIterable, Sendable {
    case read, missing, unreadable
  }

  /// A number of NICs or guests, and how many of them are not in sync.
  public struct Differing: Sendable, Equatable {
    public var count: Int
    public var differing: Int

    public init(count: Int, differing: Int) {
      self.count = count
      self.differing = differing
    }
  }

  /// The worst of its states.
  public var state: SyncState { states.max() ?? .unknown }

  /// The summary of a host that was read.
  public init(_ status: HostStatus, _ snapshot: SnapshotState? = nil) {
    host = status.host
    self.snapshot = snapshot
    states = status.states
    // A VF that follows its PF is one difference with it, as in the lists for people.
    nics = Differing(
      count: status.nics.count, differing: status.nics.count { $0.state != .inSync && $0.isListed })
    guests = Differing(
      count: status.guests.count, differing: status.guests.count { $0.state != .inSync })
    let codes = (status.nics.map(\.findings) + [status.rest]).flatMap { $0.refusals.map(\.code) }
    refusals = codes.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    pools = status.pools
  }

  /// The summary of a host of which nothing is known.
  public init(host: String, _ snapshot: SnapshotState?, unavailable reason: String) {
    self.host = host
    self.snapshot = snapshot
    unavailable = reason
    states = [.unknown]
  }
}

/// The status of the hosts of a fleet.
public struct FleetStatus: Sendable, Equatable {
  /// The worst host first, and otherwise by name.
  public let hosts: [HostSummary]

  public init(_ hosts: [HostSummary]) {
    self.hosts = hosts.sorted { ($1.rank, $0.host) < ($0.rank, $1.host) }
  }

  /// The worst state of its hosts.
  public var state: SyncState { hosts.map(\.state).max() ?? .unknown }

  public var states: Set<SyncState> { hosts.reduce(into: []) { $0.formUnion($1.states) } }
}

extension HostSummary {
  /// The higher, the worse: a host of which nothing is known comes before one that is blocked.
  fileprivate var rank: Int {
    let reading = snapshot.flatMap { SnapshotState.allCases.firstIndex(of: $0) } ?? 0
    return (SyncState.allCases.firstIndex(of: state) ?? 0) * SnapshotState.allCases.count + reading
  }
}
