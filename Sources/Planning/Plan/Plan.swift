import HostModel
import Manifests

/// The steps that bring one host into sync with its manifests, in an order in which they can be
/// done, and the refusals that prevent them.
public struct Plan: Sendable, Equatable {
  public var request: Request
  /// The machine that the plan was made on: its hashed machine-id(5), or `nil` if that was not known.
  public var machine: String?
  /// The commit that the manifests come from; `nil` if that is not known.
  public var revision: String?
  public var steps: [Step]
  public var refusals: [Refusal]
  public var notices: [Notice]
  /// The results of the guards for each NIC that is changed or refused.
  public var guards: [GuardReport]
  /// What claims of pools get, and why.
  public var assignments: [Assignment]
  /// The observed values that the plan depends on, in words that can be compared with those of a later plan.
  public var facts: [Fact]
  /// An apply that was waiting for its confirmation when the plan was made. No plan is applied while it
  /// waits.
  public var confirmation: PendingConfirmation?

  public init(
    request: Request, machine: String? = nil, revision: String? = nil, steps: [Step], refusals: [Refusal],
    notices: [Notice],
    guards: [GuardReport] = [], assignments: [Assignment] = [], facts: [Fact],
    confirmation: PendingConfirmation? = nil
  ) {
    self.request = request
    self.machine = machine
    self.revision = revision
    self.steps = steps
    self.refusals = refusals
    self.notices = notices
    self.guards = guards
    self.assignments = assignments
    self.facts = facts
    self.confirmation = confirmation
  }

  /// The name of the host in the manifests.
  public var host: String { request.host.name }
  /// The request in which each claim of a pool names what it gets.
  public var assignedRequest: Request { request.assigned(assignments) }
  /// Whether there are no steps. Refusals and notices do not count.
  public var isEmpty: Bool { steps.isEmpty }
  /// Whether the host differs from the manifests in a way that no step can change: the next start of a guest
  /// restores a saved image with other devices.
  public var hasDrift: Bool { notices.contains { $0.code == .savedImage } }
}

/// One change, the reason for it, and the steps that it waits for.
public struct Step: Sendable, Equatable {
  /// A stable and readable identifier, unique in the plan: `bind/0000:03:00.0`, `attach/winxp/lan/live`.
  public var id: String
  public var action: Action
  /// The function that the action is about, as far as it is known. An address alone does not
  /// identify a function.
  public var identity: FunctionIdentity?
  /// The UUID of the guest that the action is about: that of the libvirt domain, or the one that QEMU was
  /// started with.
  public var guestUUID: String?
  /// The QEMU process that the action is about, if it has no UUID.
  public var guestProcess: ProcessIdentity?
  /// The NIC in the manifests: `NAME`, or `NAME/INDEX` of a VF.
  public var nic: String?
  /// The name of the guest in the manifests; the name that its manager has for it, if no manifest describes
  /// it.
  public var guest: String?
  public var reason: Reason
  /// The reason as a sentence.
  public var because: String
  public var disturbs: Disturbance
  /// The ids of the steps that must be done before.
  public var after: [String]
  /// The line of the manifest that requires the change: `FILE:LINE:COLUMN`.
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

  /// Whether both steps have the same id and make the same change to the same function and guest. Manifest
  /// lines and wording are not compared.
  public func isSame(as other: Step) -> Bool {
    id == other.id && action == other.action && after == other.after && isAboutTheSame(as: other)
  }

  /// The guest that the action is about, as far as it is known.
  public var guestIdentity: GuestIdentity? { GuestIdentity(uuid: guestUUID, process: guestProcess) }

  /// Whether the two are about the same function and the same guest, as far as both steps contain
  /// them.
  private func isAboutTheSame(as other: Step) -> Bool {
    if let identity, let others = other.identity, identity.difference(from: others) != nil { return false }
    guard let guestIdentity, let others = other.guestIdentity else { return true }
    return guestIdentity == others
  }

  /// The reason for a step, as a stable keyword of the JSON format.
  public enum Reason: String, CaseIterable, Sendable {
    case claimed, reserved, unclaimed, moved, removed, pruned, replaced, adopted, declared, needed, rollback
  }

  /// What a step disturbs while it is done.
  public enum Disturbance: String, CaseIterable, Sendable {
    case nothing
    /// The host loses a network interface that it uses.
    case hostNetwork = "host-network"
    /// A running guest loses or gets a device, or the settings of its VF change.
    case runningGuest = "running-guest"
  }
}

/// The reason why a part of the plan cannot be applied. A plan with a refusal is not applied at all.
public struct Refusal: Sendable, Equatable {
  public var code: Code
  public var nic: String?
  public var guest: String?
  public var message: String
  /// The evidence: candidates, members of a group, uses.
  public var details: [String]
  /// What the operator can do about it.
  public var help: String?
  /// The line of the manifest that the refusal is about: `FILE:LINE:COLUMN`.
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

/// Information for the operator that needs no step.
public struct Notice: Sendable, Equatable {
  /// The kind of a notice, as a stable keyword of the JSON format.
  public enum Code: String, CaseIterable, Sendable {
    case adopted, foreign, unmanaged, waits, unknown, driverless
    /// The guest may run on several hosts and is not on this one.
    case elsewhere
    /// No longer created: `Plan.guards` lists what a manifest allows. Saved plans of earlier
    /// versions contain it.
    case allowed
    case hostNetwork = "host-network"
    /// Another domain has a copy of a device that pcipass added.
    case copiedMark = "copied-mark"
    /// The domain that the manifest names was replaced since the last apply: its UUID is another one.
    case changed
    /// A definition refers to a device by an alias that the plan changes.
    case references
    /// A libvirt network assigns VFs of the NIC to guests.
    case libvirtNetwork = "libvirt-network"
    /// The next start of a guest restores a saved image with other devices than its definition or its
    /// manifest. The host is then not in sync.
    case savedImage = "saved-image"
    /// A guest was shut off by `virsh save`: `virsh restore` restores the devices in the saved
    /// file.
    case savedToFile = "saved-to-file"
    /// A guest has snapshots: a revert restores the definition in the snapshot.
    case snapshots
    /// libvirt binds the function to another passthrough driver than the plan.
    case variant = "variant-driver"
    /// The device of a guest was not looked at (`--part host`).
    case notLookedAt = "not-looked-at"
    /// A claim of a pool has no member, because none is remembered and no new one is assigned (`--part host`).
    case notAssigned = "not-assigned"
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

/// An observed value that a plan depends on.
public struct Fact: Sendable, Hashable {
  /// What the value belongs to: `guest NAME`, `kernel`, or the address of a function.
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
  /// Whether both plans are for the same host and have the same steps in the same order.
  public func isSame(as other: Plan) -> Bool {
    host == other.host && steps.count == other.steps.count
      && zip(steps, other.steps).allSatisfy { $0.isSame(as: $1) }
  }
}
