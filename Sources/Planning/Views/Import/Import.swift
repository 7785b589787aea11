import Documents
import HostModel
import Manifests

/// Manifests for what is there now: a plan made of them changes nothing, or only marks what was given by hand.
public struct Import: Sendable {
  public private(set) var host: HostManifest
  public private(set) var guests: [GuestManifest]
  /// What was left out and why, and what the manifests cannot say.
  public private(set) var remarks: [Remark]
  /// What a plan of them would do.
  public private(set) var plan: Plan

  /// Something that somebody should know of a function or a guest.
  public struct Remark: Sendable, Equatable {
    public let subject: String
    public let text: String
  }

  public struct Options: Sendable {
    /// The host's name in the manifests.
    public var host: String
    /// Also names the NICs that could be handed out.
    public var includesFree = false
    /// Whose process a QEMU is, by its socket.
    public var users: [String: String] = [:]

    public init(host: String) { self.host = host }
  }

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
