import HostModel
import Manifests

/// What would be done on one host, in an order it can be done in, and what stands against it.
public struct Plan: Sendable, Equatable {
  public var request: Request
  /// Which machine it was made on, as far as that was known.
  public var machine: String?
  public var steps: [Step]
  public var refusals: [Refusal]
  public var notices: [Notice]
  /// What the guards have said of the NICs that would be changed, and of those that are refused.
  public var guards: [GuardReport]
  /// What the plan rests on, in words that can be compared later.
  public var facts: [Fact]
  /// An apply that was waiting for its confirmation when the plan was made; nothing is carried out while it does.
  public var confirmation: PendingConfirmation?

  public init(
    request: Request, machine: String? = nil, steps: [Step], refusals: [Refusal], notices: [Notice],
    guards: [GuardReport] = [], facts: [Fact], confirmation: PendingConfirmation? = nil
  ) {
    self.request = request
    self.machine = machine
    self.steps = steps
    self.refusals = refusals
    self.notices = notices
    self.guards = guards
    self.facts = facts
    self.confirmation = confirmation
  }

  public var host: String { request.host.name }
  public var isEmpty: Bool { steps.isEmpty }
  /// Whether something is not as declared that no step can change.
  public var hasDrift: Bool { notices.contains { $0.code == .savedImage } }
}

/// One change, why it is made, and what it waits for.
public struct Step: Sendable, Equatable {
  /// Stable and readable: `bind/0000:03:00.0`, `attach/winxp/lan/live`.
  public var id: String
  public var action: Action
  /// Which function the action is about, as far as that was known.
  public var identity: FunctionIdentity?
  /// The UUID of the guest that it is about: a libvirt domain's, or a QEMU's own.
  public var guestUUID: String?
  /// The QEMU that it is about, where that has no UUID.
  public var guestProcess: ProcessIdentity?
  public var nic: String?
  public var guest: String?
  public var reason: Reason
  public var because: String
  public var disturbs: Disturbance
  /// Ids of the steps that must be done before.
  public var after: [String]
  /// The manifest's line that asks for it.
  public var origin: String?

  public init(
    id: String, action: Action, nic: String?, guest: String?, reason: Reason, because: String,
    disturbs: Disturbance, after: [String], origin: String?, identity: FunctionIdentity? = nil,
    guestUUID: String? = nil, guestProcess: ProcessIdentity? = nil
  ) {
    self.id = id
    self.identity = identity
    self.guestUUID = guestUUID
    self.guestProcess = guestProcess
    self.action = action
    self.nic = nic
    self.guest = guest
    self.reason = reason
    self.because = because
    self.disturbs = disturbs
    self.after = after
    self.origin = origin
  }

  /// Whether it does the same to the same: where it was written and in which words does not count.
  public func isSame(as other: Step) -> Bool {
    id == other.id && action == other.action && after == other.after && isAboutTheSame(as: other)
  }

  /// Which guest it is about, as far as that was known.
  public var guestIdentity: GuestIdentity? { GuestIdentity(uuid: guestUUID, process: guestProcess) }

  /// Whether nothing shows that the function or the guest is another one.
  private func isAboutTheSame(as other: Step) -> Bool {
    if let identity, let others = other.identity, identity.difference(from: others) != nil { return false }
    guard let guestIdentity, let others = other.guestIdentity else { return true }
    return guestIdentity == others
  }

  public enum Reason: String, CaseIterable, Sendable {
    case claimed, reserved, unclaimed, moved, removed, pruned, replaced, adopted, declared, needed, rollback
  }

  public enum Disturbance: String, CaseIterable, Sendable {
    case nothing
    /// The host loses something it uses.
    case hostNetwork = "host-network"
    /// A running guest sees a device come or go.
    case runningGuest = "running-guest"
  }
}

/// Why a part of the plan cannot be: nothing is done while there is one.
public struct Refusal: Sendable, Equatable {
  public var code: Code
  public var nic: String?
  public var guest: String?
  public var message: String
  /// What bears it out: candidates, members of a group, uses.
  public var details: [String]
  public var help: String?
  public var origin: String?

  public init(
    _ code: Code, nic: String? = nil, guest: String? = nil, _ message: String, details: [String] = [],
    help: String? = nil, origin: String? = nil
  ) {
    self.code = code
    self.nic = nic
    self.guest = guest
    self.message = message
    self.details = details
    self.help = help
    self.origin = origin
  }
}

/// Something worth knowing that needs no step.
public struct Notice: Sendable, Equatable {
  public enum Code: String, CaseIterable, Sendable {
    case adopted, foreign, unmanaged, waits, unknown, driverless
    /// Of plans that list no guards; since these are listed, it is said there.
    case allowed
    case hostNetwork = "host-network"
    /// Another domain has a copy of a device that pcipass added.
    case copiedMark = "copied-mark"
    /// What a guest's name means now is another guest.
    case changed
    /// A definition refers to a device by an alias that changes.
    case references
    /// libvirt assigns VFs of the NIC itself, through a network.
    case libvirtNetwork = "libvirt-network"
    /// A guest's next start restores a saved image with other NICs than declared. Such a host is not in sync.
    case savedImage = "saved-image"
    /// A guest was shut off by `virsh save`: `virsh restore` brings back the NICs of then.
    case savedToFile = "saved-to-file"
    /// A guest has snapshots: a revert brings back the definition of then.
    case snapshots
    /// libvirt chooses another passthrough driver than the plan.
    case variant = "variant-driver"
  }

  public var code: Code
  public var nic: String?
  public var guest: String?
  public var message: String

  public init(_ code: Code, nic: String? = nil, guest: String? = nil, _ message: String) {
    self.code = code
    self.nic = nic
    self.guest = guest
    self.message = message
  }
}

/// One observed value that a plan rests on.
public struct Fact: Sendable, Hashable {
  public var subject: String
  public var attribute: String
  public var value: String

  public init(_ subject: String, _ attribute: String, _ value: String) {
    self.subject = subject
    self.attribute = attribute
    self.value = value
  }
}

extension Plan {
  /// Whether both do the same to the same, in the same order.
  public func isSame(as other: Plan) -> Bool {
    host == other.host && steps.count == other.steps.count
      && zip(steps, other.steps).allSatisfy { $0.isSame(as: $1) }
  }
}
