import Documents
import HostModel
import Manifests
import Planning

/// How a kind of step is shown. The requirements have no default implementations, so that the
/// compiler refuses a new kind of step that lacks one.
protocol StepPresentation {
  /// The step as a sentence without a full stop.
  ///
  /// - Parameter guest: the name of the guest that the step changes.
  func sentence(_ guest: String) -> String
  /// The step on the line of its NIC in a plan, which already shows the guest and the address.
  var words: StepWords { get }
  /// The values that the step changes, before and after.
  var details: [String] { get }
  /// What the host loses where it uses the function.
  var hostNetworkLoss: String { get }
  /// What the step waits for and how long; nil where it waits for nothing.
  func waiting(_ timeouts: Timeouts, guest: String) -> String?
  /// The part of a function's text in a picture that the step changes; nil where it changes none.
  ///
  /// - Parameter isNew: whether the plan creates the function.
  func graphChange(isNew: Bool) -> GraphPart?
}

/// A step on the line of its NIC in a plan.
enum StepWords {
  /// The change of the function itself, its driver or its VFs. It has a separate column.
  case function(String)
  /// Other changes. Adding or removing a device is not one of them, because `PlanLine` adds the
  /// words for it.
  case more([String])
}

/// A part of the text of a function in a picture.
enum GraphPart {
  case driver(String)
  case vfCount(String)
  /// Text after the other parts.
  case more(String)
}

extension Action {
  /// The presentation of the action. This is the only switch over kinds of steps in this module.
  var report: any StepPresentation {
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
}

extension StepPresentation {
  /// A value before and after: `driver: igb → vfio-pci`.
  static func change(_ what: String, _ from: String?, _ to: String?) -> String {
    from == to ? "\(what): \(from ?? "none"), stays" : "\(what): \(from ?? "none") → \(to ?? "none")"
  }
}

extension String {
  /// What the host loses by most steps that disturb its network.
  static let hostNetwork = "the host loses network connectivity"
}
