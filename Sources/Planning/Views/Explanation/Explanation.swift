import Documents
import HostModel
import Manifests

/// Why NICs are where they are, as far as the manifests and the host tell: for a NIC, or for all of a guest.
public struct Explanation: Sendable {
  public var topic: ExplanationTopic
  /// Where it was asked about a guest.
  public var guest: ExplainedGuest?
  public var nics: [ExplainedNIC]
  /// A plan is refused, be it for these or for others: then nothing would be done.
  public var isRefused = false
}

/// What an explanation can be asked for.
public enum ExplanationTopic: Sendable, Hashable {
  case function(PCIAddress)
  /// A NIC of the manifests that is no function of the host, or not yet.
  case nic(String)
  case guest(GuestManager)
}

/// One NIC, as an explanation shows it.
public struct ExplainedNIC: Sendable {
  public var address: PCIAddress?
  /// Nil where it is not there.
  public var function: PCIFunction?
  /// The others of its IOMMU group.
  public var siblings: [PCIAddress] = []
  /// What the host uses its interfaces for, or that it is not known.
  public var uses: [String] = []
  public var holdings: [Holding] = []
  /// Nil where it is no NIC of the host's.
  public var availability: Availability?
  /// Where a Host names it.
  public var declared: String?
  /// What a plan says of it; nil where it is not among the manifests.
  public var status: NICStatus?
  public var guards: [GuardReport] = []
  /// What a plan would do with it next.
  public var steps: [Step] = []
}

/// The guest that an explanation is about.
public struct ExplainedGuest: Sendable {
  public var manager: GuestManager
  /// Its name in the manifests, and where.
  public var name: String?
  public var origin: String?
  public var found: Observed<GuestState?>
}
