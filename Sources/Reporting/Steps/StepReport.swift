import Documents
import HostModel
import Manifests
import Planning

/// How a kind of step is shown. No requirement has a default: a new kind answers each.
protocol StepReport {
  /// What it does, as a sentence without a full stop.
  var sentence: String { get }
  /// What it does to the host, as a sign tells.
  var effect: StepEffect { get }
  /// What it changes, value by value: before and after.
  var details: [String] { get }
  /// What the host loses with it, where it uses that.
  var hostNetworkLoss: String { get }
  /// Who has how long to answer; nil where nobody is waited for.
  func waiting(_ timeouts: Timeouts) -> String?
  /// What of the function's words in a picture it changes.
  ///
  /// - Parameter isNew: the function is not there yet.
  func graphWords(isNew: Bool) -> GraphPart?
}

enum StepEffect {
  case adds, removes, changes
  /// Removes first and adds then.
  case replaces
}

/// A part of what a picture says of a function.
enum GraphPart {
  case driver(String)
  case vfCount(String)
  /// Behind the others.
  case more(String)
}

extension Action {
  /// The only switch over the kinds in this layer.
  var report: any StepReport {
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

extension StepReport {
  /// `driver: igb → vfio-pci`
  static func change(_ what: String, _ from: String?, _ to: String?) -> String {
    from == to ? "\(what): \(from ?? "none"), stays" : "\(what): \(from ?? "none") → \(to ?? "none")"
  }
}

extension String {
  /// What most steps take from the host that take anything.
  static let hostNetwork = "the host loses a network it uses"
}
