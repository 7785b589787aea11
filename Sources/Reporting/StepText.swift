import Documents
import HostModel
import Manifests
import Planning

/// The texts of a step, the same in every output.
public enum StepText {
  /// The step as a sentence, with the name of its guest.
  static func sentence(_ step: Step) -> String { sentence(step.action, of: step) }

  /// An action of the step as a sentence: the action as it was begun, or its inverse.
  static func sentence(_ action: Action, of step: Step) -> String {
    printable(action.report.sentence(guest(of: step)))
  }

  /// What an action of the step waits for and how long; nil where it waits for nothing.
  static func waiting(_ action: Action, of step: Step, _ timeouts: Timeouts) -> String? {
    action.report.waiting(timeouts, guest: guest(of: step))
  }

  /// The name of the step's guest. The manager's own name, which for QEMU is a socket, is used only where no
  /// other is known.
  private static func guest(of step: Step) -> String { step.guest ?? step.action.guest?.name ?? "" }

  /// The values that an action changes, before and after.
  static func details(_ action: Action) -> [String] { action.report.details.map { printable($0) } }

  /// What the step disturbs; nil where it disturbs nothing.
  static func disturbance(_ step: Step) -> String? {
    switch step.disturbs {
    case .nothing: nil
    case .hostNetwork: step.action.report.hostNetworkLoss
    case .runningGuest: "disrupts the running guest \(printable(guest(of: step)))"
    }
  }

  /// The names of a NIC and of a guest in the notation of `--target`: `nic/lan guest/winxp`.
  static func subject(_ nic: String?, _ guest: String?) -> String {
    [nic.map { "nic/\($0)" }, guest.map { "guest/\($0)" }].compactMap { $0 }.map { printable($0) }
      .joined(separator: " ")
  }
}

extension StepCounts {
  /// The counts as a sentence: `1 to add, 0 to change, 2 to remove`.
  public var text: String { "\(add) to add, \(change) to change, \(remove) to remove" }
}

/// A number with its noun: `1 host`, `2 hosts`.
public func pluralised(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
