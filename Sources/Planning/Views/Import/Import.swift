import Documents
import HostModel
import Manifests

/// Manifests that describe the observed host: a plan made from them changes nothing, or only adds ownership
/// marks to devices that were assigned by hand.
public struct Import: Sendable {
  public private(set) var host: HostManifest
  public private(set) var guests: [GuestManifest]
  /// What was left out and why, and what manifests cannot express.
  public private(set) var remarks: [Remark]
  /// The plan that the manifests lead to.
  public private(set) var plan: Plan

  /// A remark for the operator about a function or a guest.
  public struct Remark: Sendable, Equatable {
    public let subject: String
    public let text: String
  }

  /// The options of an import.
  public struct Options: Sendable {
    /// The name of the host in the manifests.
    public var host: String
    /// Whether NICs are included that no guest has and that could be assigned.
    public var includesFree = false
    /// The user of each QEMU process, by the path of its socket.
    public var users: [String: String] = [:]

    public init(host: String) { self.host = host }
  }

  /// Makes manifests and plans them, and leaves out NICs and guests until the plan is not refused and removes
  /// nothing from a guest.
  public init(_ observed: HostIndex, _ options: Options) {
    var draft = ImportDraft(observed, options)
    draft.take()
    var count: Int
    repeat {
      count = draft.count
      (host, guests) = draft.manifests
      plan = Planner.plan(ResolvedRequest(Request(host: host, guests: guests), on: observed))
      draft.leaveOutObstacle(to: plan)
    } while draft.count < count
    remarks = draft.remarks
  }
}
