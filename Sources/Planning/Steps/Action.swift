import Documents
import HostModel
import Manifests

/// One change of one part of a host. Each kind of step is a type in a file of its own in this folder.
public enum Action: Sendable, Hashable {
  case load(LoadModule)
  case bind(BindDriver)
  case resize(ResizeVFs)
  case configure(ConfigureVF)
  case attach(AttachDevice)
  case detach(DetachDevice)
  case edit(EditDevice)
}

extension Action {
  /// The step itself. This is the only switch over the kinds in Planning.
  var kind: any StepKind {
    switch self {
    case .load(let step): step
    case .bind(let step): step
    case .resize(let step): step
    case .configure(let step): step
    case .attach(let step): step
    case .detach(let step): step
    case .edit(let step): step
    }
  }

  /// The keys that distinguish the kinds in the JSON of a plan, in the order of the schema.
  enum Key: String, CaseIterable {
    case load, bind, resize, configure, attach, detach, edit

    fileprivate var kind: any StepKind.Type {
      switch self {
      case .load: LoadModule.self
      case .bind: BindDriver.self
      case .resize: ResizeVFs.self
      case .configure: ConfigureVF.self
      case .attach: AttachDevice.self
      case .detach: DetachDevice.self
      case .edit: EditDevice.self
      }
    }
  }

  public static let form = Form<Action>.variants("a change", Key.allCases.map { $0.kind.variant })
}

extension Action {
  /// The action that undoes this one, or `nil` if nothing needs to be undone.
  public var inverse: Action? { kind.inverse }

  /// The function that the action changes or assigns.
  public var function: PCIAddress? { kind.function }

  /// The device that is added to a guest or removed from it, or `nil` if the action does neither.
  public var device: DeviceChange? { kind.device }

  /// The guest that the action changes.
  public var guest: GuestManager? { kind.guest }

  /// The device as the guest has it after the action, or `nil` if it does not have it then.
  public var resultingDevice: DeviceChange? { kind.resultingDevice }

  /// The device of a guest that the action changes: its state afterwards or, if it is removed, its
  /// state before.
  public var changedDevice: DeviceChange? { resultingDevice ?? device }

  /// The part of the host that the action changes.
  public var aspect: Aspect { kind.aspect }

  /// Whether the effect is still there after a reboot of the host.
  public var outlivesBoot: Bool { kind.outlivesBoot }

  /// Whether the action deletes or creates functions.
  public var recreatesFunctions: Bool { kind.recreatesFunctions }

  /// Whether guards need the processes that have functions open, read immediately before the step.
  public var needsHolders: Bool { kind.needsHolders }

  /// Returns this action with the first state of an earlier one, or `nil` if the two do not change the same.
  ///
  /// An interrupted run may begin a step twice. Its undo must lead back to the state before the first time.
  public func continuing(_ earlier: Action) -> Action? { kind.continuing(earlier) }
}

/// A part of a host that steps change. Of several changes to the same part only the last is in effect.
public struct Aspect: Sendable, Hashable {
  private let what: String
  private let name: String
  private let placement: Placement?

  init(_ what: String, of name: some CustomStringConvertible, _ placement: Placement? = nil) {
    self.what = what
    self.name = name.description
    self.placement = placement
  }
}
