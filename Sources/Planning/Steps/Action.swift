import Documents
import HostModel
import Manifests

/// One change of one thing. What each kind of step knows of itself is in a file of its own beside this one.
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
  /// The only switch over the kinds in this layer.
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

  /// The keys by which a plan's JSON tells the kinds apart, in the order in which the schema lists them.
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
  /// What undoes it; nil where it does no harm.
  public var inverse: Action? { kind.inverse }

  /// The function that it changes.
  public var function: PCIAddress? { kind.function }

  /// What it adds to a guest or removes from it.
  public var device: DeviceChange? { kind.device }

  /// The guest that it changes.
  public var guest: GuestManager? { kind.guest }

  /// The device as a guest has it afterwards.
  public var placed: DeviceChange? { kind.placed }

  /// The device of a guest that it changes: as it is afterwards, or one that is gone then.
  public var changedDevice: DeviceChange? { placed ?? device }

  /// What of the host it changes.
  public var aspect: Aspect { kind.aspect }

  /// Whether its effect is there after the host was started again.
  public var outlivesBoot: Bool { kind.outlivesBoot }

  /// Whether other functions are there afterwards than before.
  public var remakesFunctions: Bool { kind.remakesFunctions }

  /// Whether guards ask at its moment which processes have functions open.
  public var asksForHolders: Bool { kind.asksForHolders }

  /// This action from where an earlier one began, where both change the same; nil where they do not. The earlier one was
  /// begun, its end was not seen, and this one was begun after it.
  public func continuing(_ earlier: Action) -> Action? { kind.continuing(earlier) }
}

/// A part of a host that steps change. Of several changes of the same part only the last is still in effect.
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
