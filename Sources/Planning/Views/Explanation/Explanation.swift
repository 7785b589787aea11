import Documents
import HostModel
import Manifests

/// The reasons for the state of a NIC, or of all NICs of a guest, as far as manifests and host show them.
public struct Explanation: Sendable {
  public var topic: ExplanationTopic
  /// The guest, if the subject is one.
  public var guest: ExplainedGuest?
  /// The pool, if the subject is one. `nics` are then its members that are claimed or not in sync.
  public var pool: PoolStatus?
  public var nics: [ExplainedNIC]
  /// Whether the plan of the host is refused, for these NICs or others. An apply would then do
  /// nothing.
  public var isRefused = false
  /// The guests, NICs and functions of the parts of the plan; nil without manifests.
  public var subjects: PlanSubjects?
  /// The guests of the manifests.
  public var labels: GuestLabels { subjects?.labels ?? GuestLabels([:]) }
}

/// The subject of an explanation.
public enum ExplanationTopic: Sendable, Hashable {
  case function(PCIAddress)
  /// A NIC of the manifests that is not a function of the host, or not yet; or a pool.
  case nic(String)
  case guest(GuestManager)
}

/// One NIC, as an explanation shows it.
public struct ExplainedNIC: Sendable {
  public var address: PCIAddress?
  /// `nil` if the function is not on the host.
  public var function: PCIFunction?
  /// The other functions of the same IOMMU group.
  public var siblings: [PCIAddress] = []
  /// The host's uses of its interfaces, or the reasons why they are unknown.
  public var uses: [String] = []
  public var holdings: [Holding] = []
  /// `nil` if it is not a NIC of the host.
  public var availability: Availability?
  /// The line of the manifest where a Host names it: `FILE:LINE:COLUMN`.
  public var declared: String?
  /// Its status in a plan; `nil` if no manifest names it.
  public var status: NICStatus?
  public var guards: [GuardReport] = []
  /// The steps by which a plan would change it.
  public var steps: [Step] = []
}

/// The guest that an explanation is about.
public struct ExplainedGuest: Sendable {
  public var manager: GuestManager
  /// Its name in the manifests.
  public var name: String?
  public var origin: String?
  public var found: Observed<GuestState?>
}
