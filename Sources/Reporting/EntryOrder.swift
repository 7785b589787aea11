import Execution
import Planning

/// What happens to steps that are done side by side, brought into the order in which it is shown: the plan's for steps,
/// and for what is undone the order in which that was begun. What belongs to a later step is held back until the steps
/// before it have ended.
public struct EntryOrder: Sendable {
  /// Something to be shown.
  public enum Event: Sendable, Equatable {
    case entry(JournalEntry)
    /// What is written and run for a step, in words.
    case trace(step: String, String)
  }

  private var order: [String]
  private var held: [String: [Event]] = [:]
  private var ended: Set<String> = []

  /// - Parameter steps: those of the plan, in its order.
  public init(_ steps: [Step]) { order = steps.map(\.id) }

  /// All that can be shown now.
  public mutating func take(_ event: Event) -> [Event] {
    guard let (id, isEnd) = Self.subject(of: event) else { return [event] }
    if !order.contains(id) { order.append(id) }
    held[id, default: []].append(event)
    if isEnd { ended.insert(id) }
    return release()
  }

  /// What belongs to the first step that has not ended, and to those before it.
  private mutating func release() -> [Event] {
    var result: [Event] = []
    while let first = order.first {
      result += held.removeValue(forKey: first) ?? []
      guard ended.contains(first) else { break }
      order.removeFirst()
    }
    return result
  }

  /// The step that it is about, or the undoing of one, and whether that ends with it; nil where it is about no step.
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
      case .found, .recovering, .ended, .confirmed, .unconfirmed: nil
      }
    }
  }
}
