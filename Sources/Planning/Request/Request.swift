import HostModel
import Manifests

/// The manifests of one host, and the options of a run.
public struct Request: Sendable, Equatable {
  public var host: HostManifest
  public var guests: [GuestManifest]
  public var targets: [Target]
  public var prune: Bool
  /// The number of guests without a document that the operator expects (`--prune=N`). The plan is refused if
  /// there are more or fewer.
  public var pruneCount: Int?
  /// Whether functions are bound by the `new_id` of the driver (`--legacy-new-id`), because kernels before
  /// 3.16 have no `driver_override`.
  public var legacyNewID: Bool

  public init(
    host: HostManifest, guests: [GuestManifest], targets: [Target] = [], prune: Bool = false,
    pruneCount: Int? = nil, legacyNewID: Bool = false
  ) {
    self.host = host
    self.guests = guests
    self.targets = targets
    self.prune = prune
    self.pruneCount = pruneCount
    self.legacyNewID = legacyNewID
  }
}

/// A part of a host that a run is limited to: `nic/NAME` or `guest/NAME`.
public enum Target: Sendable, Hashable, CustomStringConvertible {
  case nic(String)
  case guest(String)

  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, isName(parts[1], "._-", upTo: 253) else { return nil }
    switch parts[0] {
    case "nic": self = .nic(parts[1])
    case "guest": self = .guest(parts[1])
    default: return nil
    }
  }

  public var description: String {
    switch self {
    case .nic(let name): "nic/\(name)"
    case .guest(let name): "guest/\(name)"
    }
  }
}
