import Documents
import HostModel
import Manifests
import Planning

/// The one way to the world: a real host, or a simulated one that behaves as it does.
public protocol Host: Sendable {
  /// All that can be seen of it.
  func observe() throws(Diagnostics) -> HostState

  /// The same host after these actions: what they are about is read anew, the rest is taken from before.
  func observe(after actions: [Action], since before: HostState) throws(Diagnostics) -> HostState

  /// The same host with all that guards ask about an action read at this moment: its function with what is beside it, and
  /// the guests that have it. The rest is taken from before, and so is who has functions open where no guard asks that of
  /// the action.
  func observe(about action: Action, since before: HostState) throws(Diagnostics) -> HostState

  /// Keeps what will not be seen any more when a function has lost its interface, for later runs.
  func remember(_ state: HostState) throws(Diagnostics)

  /// The action as it would be now: what it changes from is read anew, so that its inverse leads back to
  /// what is there at this moment.
  func refreshed(_ action: Action) throws(HostFailure) -> Action

  /// How far the action has come, read back from as little as it is about.
  func state(of action: Action) throws(HostFailure) -> StepState

  /// Waits for what somebody else may still do about an action that a pcipass which is gone had begun: a guest that was
  /// asked to let a device go, a manager that is at work. No longer than that pcipass would have.
  ///
  /// - Parameter ago: how long ago it was begun.
  func settle(_ action: Action, begun ago: Duration)

  /// Does it. That this returns says nothing yet: the host is asked by `state`.
  func perform(_ action: Action, step: String) throws(HostFailure)
}

/// Why the host did not do what it was asked.
public struct HostFailure: Error, Sendable, Equatable {
  public enum Kind: String, CaseIterable, Sendable {
    /// The kernel or a manager said no.
    case refused
    /// It has not answered in time, and may still do it: what state things are in is not known.
    case stuck
    /// It said yes, and reading back shows otherwise.
    case unverified
    /// Something of the host could not be read.
    case unreadable
    /// A guest was asked to let a device go and has not answered: it still has it.
    case unanswered
    /// A process uses the function.
    case inUse = "in-use"
    /// This version of pcipass cannot do that.
    case unsupported
    /// Somebody asked for the end before it was begun.
    case stopped
  }

  public var kind: Kind
  /// What a guard has against it; nil where no guard said so.
  public var refusal: Refusal.Code?
  public var message: String
  public var help: String?

  public init(_ kind: Kind, _ message: String, help: String? = nil, refusal: Refusal.Code? = nil) {
    self.kind = kind
    self.refusal = refusal
    self.message = message
    self.help = help
  }

  /// The stable keyword that is shown with it: a guard's own, as plans show it, or what kind of failure it is.
  public var code: String { refusal?.rawValue ?? kind.rawValue }
}
