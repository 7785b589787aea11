import Documents
import HostModel
import Manifests
import Planning

/// The texts of a step, the same in every output.
public enum StepText {
  /// The sign of a step: `+` adds, `-` removes, `~` changes, `-/+` removes and adds again.
  static func symbol(_ step: Step) -> String {
    if case .edit = step.action { return "~" }
    if [.replaced, .adopted].contains(step.reason) { return "-/+" }
    return switch step.action.report.effect {
    case .adds: "+"
    case .removes: "-"
    case .changes: "~"
    case .replaces: "-/+"
    }
  }

  static func sentence(_ action: Action) -> String { printable(action.report.sentence) }

  /// The values that an action changes, before and after.
  static func details(_ action: Action) -> [String] { action.report.details.map { printable($0) } }

  /// What the step disturbs; nil where it disturbs nothing.
  static func disturbance(_ step: Step) -> String? {
    switch step.disturbs {
    case .nothing: nil
    case .hostNetwork: step.action.report.hostNetworkLoss
    case .runningGuest: "the running guest notices"
    }
  }

  /// The name of a NIC and of a guest as they are given to `--target`: `nic/lan guest/winxp`.
  static func subject(_ nic: String?, _ guest: String?) -> String {
    [nic.map { "nic/\($0)" }, guest.map { "guest/\($0)" }].compactMap { $0 }.map { printable($0) }
      .joined(separator: " ")
  }
}

/// The numbers of steps of a plan that add, change and remove something.
public struct StepCounts: Sendable, Equatable {
  public var add = 0
  public var change = 0
  public var remove = 0

  /// StepCounts the steps. A step that removes and adds again counts as a change.
  public init(_ steps: [Step]) {
    for step in steps {
      switch step.action.report.effect {
      case .adds: add += 1
      case .removes: remove += 1
      case .changes, .replaces: change += 1
      }
    }
  }

  /// The counts as a sentence: `1 to add, 0 to change, 2 to remove`.
  public var text: String { "\(add) to add, \(change) to change, \(remove) to remove" }
}

/// A number with its noun: `1 host`, `2 hosts`.
public func pluralised(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
