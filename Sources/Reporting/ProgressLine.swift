import Documents
import HostModel
import Manifests
import Planning

/// The line for an action in progress, which the terminal shows until the action ends.
public struct ProgressLine: Sendable {
  private let words: String
  /// The number of other actions in progress.
  public var others = 0
  /// What the action waits for, and how long at most.
  private let wait: String?
  /// `wait` is shown only after this time, because most actions end sooner.
  private static let shortest = Duration.seconds(3)

  public init(_ words: String, wait: String?) {
    self.words = words
    self.wait = wait
  }

  /// The line for an action that has run for this time. It fits into one row of the terminal, because a line
  /// that wraps cannot be erased.
  ///
  /// - Parameter width: the width of the terminal in columns; nil means no limit.
  public func text(after time: Duration, width: Int?) -> String {
    let seconds = time.components.seconds
    var end = seconds > 0 ? ": \(seconds) s" : ": …"
    if others > 0 { end += ", and \(others) more" }
    if let wait, time >= Self.shortest { end += "; \(wait)" }
    guard let width else { return words + end }
    let room = width - 1 - textWidth(end)
    return room > 8 ? cut(words, to: room) + end : cut(words + end, to: max(width - 1, 1))
  }
}

extension Timeouts {
  var kernelWrite: String { "the kernel has \(step.components.seconds) s for each write" }

  func answer(of guest: GuestManager) -> String {
    "\(guest.traits.title) has \(step.components.seconds) s to answer"
  }

  func unplug(of guest: String) -> String {
    "\(printable(guest)) has \(unplug.components.seconds) s to release the device"
  }
}
