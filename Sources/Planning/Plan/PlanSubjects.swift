import Documents
import HostModel
import Manifests

/// A part of a plan with its guest, NIC and function, as documents show them. The part itself
/// contains only the label of its guest.
@dynamicMemberLookup
public struct Described<Part: Sendable>: Sendable {
  public var part: Part
  public var guest: GuestReference?
  /// The guest's name for the NIC.
  public var guestNIC: String?
  public var address: PCIAddress?

  public init(
    _ part: Part, guest: GuestReference? = nil, guestNIC: String? = nil, address: PCIAddress? = nil
  ) {
    self.part = part
    self.guest = guest
    self.guestNIC = guestNIC
    self.address = address
  }

  public subscript<Value>(dynamicMember path: KeyPath<Part, Value>) -> Value { part[keyPath: path] }
}

/// The guests, NICs and functions of the parts of a plan. Documents show them with each part, so
/// that readers need not search actions and manifests.
public struct PlanSubjects: Sendable, Equatable {
  public let labels: GuestLabels
  /// The names that guests have for NICs.
  private let guestNICs: [Claimant: String]
  private let addresses: [String: PCIAddress]

  private struct Claimant: Hashable, Sendable {
    let guest: String
    let nic: String
  }

  /// - Parameter labels: the guests of the manifests; if nil, those that the plan contains.
  public init(_ plan: Plan, _ labels: GuestLabels? = nil) {
    self.labels = labels ?? GuestLabels(Self.guests(of: plan))
    guestNICs = plan.assignedRequest.guests.reduce(into: [:]) { result, guest in
      for claim in guest.spec.nics {
        result[Claimant(guest: guest.name, nic: claim.from.value.description)] = claim.name.value
      }
    }
    addresses = Dictionary(plan.guards.compactMap { one in one.nic.map { ($0, one.function) } }) { one, _ in
      one
    }
  }

  /// Returns the guests of the manifests by name. A pinned domain may have another name than its
  /// manifest; the steps contain that name.
  private static func guests(of plan: Plan) -> [String: GuestManager] {
    var result = Dictionary(plan.request.guests.map { ($0.name, $0.manager) }) { one, _ in one }
    for step in plan.steps {
      if let label = step.guest, result[label] != nil, let manager = step.action.guest {
        result[label] = manager
      }
    }
    return result
  }

  private func guestNIC(_ guest: String?, _ nic: String?) -> String? {
    guard let guest, let nic else { return nil }
    return guestNICs[Claimant(guest: guest, nic: nic)]
  }

  public func described(_ step: Step) -> Described<Step> {
    Described(
      step, guest: step.guest.map { labels.reference($0, step.action.guest) },
      guestNIC: Ownership.nic(ofAlias: step.action.changedDevice?.hostdev.alias)
        ?? guestNIC(step.guest, step.nic),
      address: step.action.function)
  }

  public func described(_ report: GuardReport) -> Described<GuardReport> {
    Described(
      report, guest: report.guest.map { labels.reference($0) }, guestNIC: guestNIC(report.guest, report.nic),
      address: report.function)
  }

  /// - Parameter address: the function, if it is known independently of the plan.
  public func described(_ refusal: Refusal, _ address: PCIAddress? = nil) -> Described<Refusal> {
    Described(
      refusal, guest: refusal.guest.map { labels.reference($0) },
      address: address ?? refusal.nic.flatMap { addresses[$0] })
  }

  public func described(_ notice: Notice) -> Described<Notice> {
    Described(notice, guest: notice.guest.map { labels.reference($0) })
  }

  /// Returns the part of a plan that a document describes, with the label of its guest.
  ///
  /// - Parameter guests: the manifests of the document.
  static func part<Part: GuestLabelled>(_ described: Described<Part>, _ guests: [GuestManifest]) -> Part {
    var part = described.part
    let labels = GuestLabels(Dictionary(guests.map { ($0.name, $0.manager) }) { one, _ in one })
    part.guest = described.guest.map(labels.label)
    return part
  }
}

/// A part of a plan that has the label of a guest.
protocol GuestLabelled: Sendable {
  var guest: String? { get set }
}

extension Step: GuestLabelled {}
extension Refusal: GuestLabelled {}
extension Notice: GuestLabelled {}
extension GuardReport: GuestLabelled {}
