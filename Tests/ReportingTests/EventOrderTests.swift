import Execution
import Planning
import Reporting
import Testing

@Suite("What happens side by side, shown in order")
struct EntryOrderTests {
  private let steps = ["a", "b", "c"].map {
    Step(
      id: $0, action: .load(module: $0), nic: nil, guest: nil, reason: .needed, because: "",
      disturbs: .nothing, after: [], origin: nil)
  }

  /// What is shown after each of these: `a+` is that a was begun, `a.` that it is done, `a!` that it was skipped, `a-` that it
  /// is being undone, `a=` that it is undone, `a:` a trace.
  private func shown(_ events: String...) -> [String] {
    var order = EventOrder(steps)
    return events.map { event in order.take(self.event(event)).map(words).joined(separator: " ") }
  }

  private func event(_ text: String) -> EventOrder.Event {
    let step = steps.first { text.hasPrefix($0.id) } ?? steps[0]
    switch text.last {
    case "+": return .entry(.starting(step, as: step.action))
    case ".": return .entry(.done(step, took: .zero))
    case "!": return .entry(.skipped(step))
    case "-": return .entry(.undoing(step, by: step.action))
    case "=": return .entry(.undone(step, took: .zero))
    default: return .trace(step: step.id, "")
    }
  }

  private func words(_ event: EventOrder.Event) -> String {
    switch event {
    case .trace(let step, _): "\(step):"
    case .entry(.starting(let step, _)): "\(step.id)+"
    case .entry(.done(let step, _)): "\(step.id)."
    case .entry(.skipped(let step)): "\(step.id)!"
    case .entry(.undoing(let step, _)): "\(step.id)-"
    case .entry(.undone(let step, _)): "\(step.id)="
    case .entry: "other"
    }
  }

  @Test("one after another: each at once")
  func serial() { #expect(shown("a+", "a:", "a.", "b+", "b.") == ["a+", "a:", "a.", "b+", "b."]) }

  @Test("what belongs to a later step is held back until the steps before it have ended")
  func held() {
    #expect(
      shown("a+", "b+", "b:", "c+", "b.", "a:", "c.", "a.")
        == ["a+", "", "", "", "", "a:", "", "a. b+ b: b. c+ c."])
  }

  @Test("a step that is skipped has its place, too")
  func skipped() { #expect(shown("b+", "b.", "c+", "c.", "a!") == ["", "", "", "", "a! b+ b. c+ c."]) }

  @Test("what is undone is shown in the order in which that was begun")
  func undone() {
    #expect(
      shown("a+", "a.", "b+", "b.", "c!", "b-", "a-", "a=", "b=")
        == ["a+", "a.", "b+", "b.", "c!", "b-", "", "", "b= a- a="])
  }
}
