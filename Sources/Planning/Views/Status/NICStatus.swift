import Documents
import HostModel
import Manifests

/// How far something is as declared: from the best to the worst.
public enum SyncState: String, CaseIterable, Sendable, Comparable {
  /// A plan has nothing to do.
  case declared
  /// A plan would change it.
  case drifted
  /// It is not as declared, or may not be, and a plan is refused.
  case refused
  /// What a plan needs to know cannot be read.
  case unknown

  public static func < (one: SyncState, other: SyncState) -> Bool { one.rank < other.rank }

  private var rank: Int {
    switch self {
    case .declared: 0
    case .drifted: 1
    case .refused: 2
    case .unknown: 3
    }
  }
}

/// What a plan says of one NIC, or of the host as a whole.
public struct StatusFindings: Sendable, Equatable {
  public var differences: [Difference] = []
  public var refusals: [Refusal] = []
  public var notices: [Notice] = []

  public var isEmpty: Bool { self == StatusFindings() }

  public var state: SyncState {
    let worst = refusals.map { $0.code == .unavailable ? SyncState.unknown : .refused }.max()
    return worst ?? (differences.isEmpty ? .declared : .drifted)
  }
}

/// How far a NIC is as declared.
public struct NICStatus: Sendable, Equatable {
  /// Its name in the manifests; nil where no Host names it, and a guest still has it from pcipass.
  public var name: String?
  /// Nil where it is not there, or it is not known which function it is.
  public var function: PCIAddress?
  /// The guest that claims it, and as what.
  public var guest: String?
  public var claim: String?
  /// The manifest's line that gives it away, or names it where nobody claims it.
  public var origin: String?
  public var findings: StatusFindings
  /// A VF that is not there, or is to be replaced, because of its PF: what is said of it is said of that.
  public var isAsItsPF = false

  public var state: SyncState { findings.state }

  /// `nic/lan`, or `function/0000:03:00.0` where it has no name.
  public var subject: String {
    name.map { "nic/\($0)" } ?? "function/" + (function.map { "\($0)" } ?? "")
  }

  func isAbout(_ guest: String) -> Bool {
    self.guest == guest || findings.differences.contains { $0.guest == guest }
      || findings.refusals.contains { $0.guest == guest }
  }
}

/// How far a guest is as declared.
public struct GuestStatus: Sendable, Equatable {
  public var name: String
  public var manager: GuestManager
  /// Nil is known not to be there.
  public var found: Observed<GuestState?>
  public var state: SyncState
}
