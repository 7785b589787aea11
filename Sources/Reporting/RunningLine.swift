import Documents
import HostModel
import Manifests
import Planning

/// The line of something that goes on, as it stands on a terminal until it has ended.
public struct RunningLine: Sendable {
  private let words: String
  /// How many others go on beside it.
  public var others = 0
  /// What is waited for, and how long at most.
  private let wait: String?
  /// It is over before most people have read that.
  private static let shortest = Duration.seconds(3)

  public init(_ words: String, wait: String?) {
    self.words = words
    self.wait = wait
  }

  /// In one row of the terminal, however narrow: what runs past its end could not be taken back.
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

  func unplug(of guest: GuestManager) -> String {
    "\(printable(guest.name)) has \(unplug.components.seconds) s to let it go"
  }
}
