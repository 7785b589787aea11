import HostModel
import Manifests

/// What was asked for: the manifests of one host, and how much of them.
public struct Request: Sendable, Equatable {
  public var host: HostManifest
  public var guests: [GuestManifest]
  public var targets: [Target]
  public var prune: Bool
  /// How many guests may be pruned, where that was said; they must be so many.
  public var pruneCount: Int?
  /// Bind by the drivers' `new_id`: kernels before 3.16 have no `driver_override`.
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

/// A part of a host that a run is to be limited to: `nic/NAME` or `guest/NAME`.
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
