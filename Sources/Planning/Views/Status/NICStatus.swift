import Documents
import HostModel
import Manifests

/// Whether something is in sync with the manifests, from the best state to the worst.
public enum SyncState: String, CaseIterable, Sendable, Comparable {
  /// The plan changes nothing.
  case inSync = "in-sync"
  /// The plan would change it.
  case drifted
  /// The plan is refused.
  case blocked
  /// The plan depends on a fact that could not be read.
  case unknown

  public static func < (one: SyncState, other: SyncState) -> Bool { one.rank < other.rank }

  private var rank: Int {
    switch self {
    case .inSync: 0
    case .drifted: 1
    case .blocked: 2
    case .unknown: 3
    }
  }
}

/// The parts of a plan about one NIC, or about the host as a whole.
public struct StatusFindings: Sendable, Equatable {
  public var differences: [Difference] = []
  public var refusals: [Refusal] = []
  public var notices: [Notice] = []

  public var isEmpty: Bool { self == StatusFindings() }

  public var state: SyncState {
    let worst = refusals.map { $0.code == .unavailable ? SyncState.unknown : .blocked }.max()
    return worst ?? (differences.isEmpty ? .inSync : .drifted)
  }
}

/// Whether a NIC is in sync with the manifests.
public struct NICStatus: Sendable, Equatable {
  /// The name in the manifests: `NAME`, or `NAME/INDEX` of a VF. `nil` if no Host names the function and a
  /// guest still has it from pcipass.
  public var name: String?
  /// `nil` if the function is not on the host, or it is unknown which one it is.
  public var function: PCIAddress?
  /// The name of the guest that claims it.
  public var guest: String?
  /// The guest's name for the NIC.
  public var guestNIC: String?
  /// Why the guest has it, or gets it, from a pool; `nil` if the claim names the NIC itself.
  public var assignment: Assignment?
  /// The line of the manifest that claims the NIC, or that names it if no guest claims it.
  public var origin: String?
  public var findings: StatusFindings
  /// Whether it is a VF that does not exist, or is replaced, because of a change of its PF. Its verdict is
  /// then that of the PF.
  public var isAsItsPF = false

  public var state: SyncState { findings.state }

  /// `nic/lan`, or `function/0000:03:00.0` for a function without a name.
  public var subject: String {
    name.map { "nic/\($0)" } ?? "function/" + (function.map { "\($0)" } ?? "")
  }

  /// Whether a list for people includes the NIC. A host may have very many VFs and members of pools, so one
  /// that no guest claims is included only if it is not in sync for a reason of its own.
  public var isListed: Bool {
    let isPart = name?.contains("/") ?? false
    return !isPart || guest != nil || state != .inSync && !isAsItsPF
  }

  public var isVirtualFunction: Bool { name.flatMap { NICReference($0) }?.virtualFunction != nil }

  func isAbout(_ guest: String) -> Bool {
    self.guest == guest || findings.differences.contains { $0.guest == guest }
      || findings.refusals.contains { $0.guest == guest }
  }
}

/// Whether a guest is in sync with the manifests.
public struct GuestStatus: Sendable, Equatable {
  public var name: String
  public var manager: GuestManager
  /// The observed guest; `nil` inside `known` if it is known not to exist.
  public var found: Observed<GuestState?>
  public var state: SyncState
}
