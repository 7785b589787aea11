import Documents
import HostModel
import Manifests

/// Manifests that describe the observed host: a plan made from them changes nothing, or only adds ownership
/// marks to devices that were assigned by hand.
public struct Import: Sendable {
  public private(set) var host: HostManifest
  public private(set) var guests: [GuestManifest]
  /// The function of each NIC of the Host, by the name of the NIC.
  public private(set) var addresses: [String: PCIAddress]
  /// What was left out and why, and what manifests cannot express.
  public private(set) var remarks: [Remark]
  /// With `onlyMarks`: whether something is left out because a plan would do more than set the mark.
  public private(set) var leavesOutChanges: Bool
  /// The plan that the manifests lead to.
  public private(set) var plan: Plan

  /// A remark for the operator about a function or a guest.
  public struct Remark: Sendable, Equatable {
    public let subject: String
    public let text: String
  }

  /// The name of a NIC, and the conditions that select it.
  public struct SharedEntry: Sendable, Equatable {
    public var name: String
    public var select: Selector

    public init(name: String, select: Selector) {
      self.name = name
      self.select = select
    }
  }

  /// The options of an import.
  public struct Options: Sendable {
    /// The name of the host in the manifests.
    public var host: String
    /// Whether NICs are included that no guest has and that could be assigned.
    public var includesFree = false
    /// The user of each QEMU process, by the path of its socket.
    public var users: [String: String] = [:]
    /// Whether NICs and guests are also left out for which a plan would do more than set the mark of pcipass.
    public var onlyMarks = false
    /// The names and selectors of the NICs that the host has in common with other hosts. The other NICs have
    /// other names, and are selected by their addresses.
    public var entries: [PCIAddress: SharedEntry] = [:]

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
      if options.onlyMarks, draft.count == count { draft.leaveOutChanges(by: plan) }
    } while draft.count < count
    (addresses, remarks, leavesOutChanges) = (draft.addresses, draft.remarks, draft.leavesOutChanges)
  }
}
