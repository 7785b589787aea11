import Execution
import Planning

/// The order in which the events of concurrent steps are shown. Steps are shown in the order of the plan, and
/// undone steps in the order in which their undoing started. The events of a later step are held back until
/// all earlier steps have ended.
public struct EventOrder: Sendable {
  /// An event to show.
  public enum Event: Sendable, Equatable {
    case entry(JournalEntry)
    /// A file or program that a step writes or runs, in words.
    case trace(step: String, String)
  }

  private var order: [String]
  private var held: [String: [Event]] = [:]
  private var ended: Set<String> = []

  /// - Parameter steps: the steps of the plan, in the plan's order.
  public init(_ steps: [Step]) { order = steps.map(\.id) }

  /// Adds an event. Returns all events that can be shown now.
  public mutating func take(_ event: Event) -> [Event] {
    guard let (id, isEnd) = Self.subject(of: event) else { return [event] }
    if !order.contains(id) { order.append(id) }
    held[id, default: []].append(event)
    if isEnd { ended.insert(id) }
    return release()
  }

  /// The events of the first step that has not ended, and of the steps before it.
  private mutating func release() -> [Event] {
    var result: [Event] = []
    while let first = order.first {
      result += held.removeValue(forKey: first) ?? []
      guard ended.contains(first) else { break }
      order.removeFirst()
    }
    return result
  }

  /// The id of the step or of the undoing that the event belongs to, and whether the event ends it. Nil where
  /// the event belongs to no step.
  private static func subject(of event: Event) -> (id: String, isEnd: Bool)? {
    switch event {
    case .trace(let step, _): (step, false)
    case .entry(let entry):
      switch entry {
      case .starting(let step, _): (step.id, false)
      case .done(let step, _), .alreadyDone(let step), .failed(let step, _, _), .skipped(let step):
        (step.id, true)
      case .undoing(let step, _): ("undo/\(step.id)", false)
      case .undone(let step, _), .undoFailed(let step, _): ("undo/\(step.id)", true)
      case .found, .recovering, .recorded, .ended, .confirmed, .unconfirmed: nil
      }
    }
  }
}
