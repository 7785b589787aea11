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
  /// Whether members are assigned to guests although it is unknown which they have (`--reassign`).
  public var reassigns: Bool
  /// The NICs and ports that guests leave (`pcipass drain`): `lan`, `fast` or `fast/PORT`.
  public var drained: [NICReference]
  /// The part of the host that is planned (`--part`).
  public var part: RequestPart

  public init(
    host: HostManifest, guests: [GuestManifest], targets: [Target] = [], prune: Bool = false,
    pruneCount: Int? = nil, legacyNewID: Bool = false, reassigns: Bool = false,
    drained: [NICReference] = [], part: RequestPart = .everything
  ) {
    self.host = host
    self.guests = guests
    self.targets = targets
    self.prune = prune
    self.pruneCount = pruneCount
    self.legacyNewID = legacyNewID
    self.reassigns = reassigns
    self.drained = drained
    self.part = part
  }
}

extension Request {
  /// The request for the comparison after the last step. The number of `--prune=N` is that of the guests before
  /// the first step.
  public var remaining: Request {
    var remaining = self
    remaining.pruneCount = nil
    return remaining
  }

  /// Whether the run is limited to parts that include the NIC: `lan`, or `fast/0000:03:00.0`.
  func includes(nic: String) -> Bool {
    targets.isEmpty || targets.contains(.nic(nic)) || targets.contains(.nic(NICReference(nic: nic).entry))
  }

  /// Whether the run is limited to parts that include the guest or the NIC.
  func includes(guest: String?, nic: NICReference?) -> Bool {
    targets.isEmpty || guest.map { targets.contains(.guest($0)) } ?? false
      || nic.map { includes(nic: $0.nic) } ?? false
  }
}

/// A part of a host that a run is limited to: `nic/NAME`, `nic/POOL/PORT` or `guest/NAME`.
public enum Target: Sendable, Hashable, CustomStringConvertible {
  case nic(String)
  case guest(String)

  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else { return nil }
    switch parts[0] {
    case "nic":
      guard let reference = NICReference(parts[1]), !reference.isAny,
        reference.virtualFunction == nil || reference.port == nil
      else { return nil }
      self = .nic(parts[1])
    case "guest" where isName(parts[1], "._-", upTo: 253): self = .guest(parts[1])
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
