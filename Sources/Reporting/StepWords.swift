import Documents
import HostModel
import Manifests
import Planning

/// A step in words, the same wherever it is shown.
public enum StepWords {
  /// `+` comes, `-` goes, `~` changes, `-/+` goes and comes back.
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

  /// What an action changes, value by value: before and after.
  static func details(_ action: Action) -> [String] { action.report.details.map { printable($0) } }

  static func disturbance(_ step: Step) -> String? {
    switch step.disturbs {
    case .nothing: nil
    case .hostNetwork: step.action.report.hostNetworkLoss
    case .runningGuest: "the running guest notices"
    }
  }

  static func subject(_ nic: String?, _ guest: String?) -> String {
    [nic.map { "nic/\($0)" }, guest.map { "guest/\($0)" }].compactMap { $0 }.map { printable($0) }
      .joined(separator: " ")
  }
}

/// How much a plan adds, changes and removes.
public struct Counts: Sendable, Equatable {
  public var add = 0
  public var change = 0
  public var remove = 0

  public init(_ steps: [Step]) {
    for step in steps {
      switch step.action.report.effect {
      case .adds: add += 1
      case .removes: remove += 1
      case .changes, .replaces: change += 1
      }
    }
  }

  public var text: String { "\(add) to add, \(change) to change, \(remove) to remove" }
}

/// `1 host`, `2 hosts`.
public func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
