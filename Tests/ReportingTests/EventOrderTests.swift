import Execution
import Planning
import Reporting
import Testing

@Suite("Events of concurrent steps")
struct EntryOrderTests {
  private let steps = ["a", "b", "c"].map {
    Step(
      id: $0, action: .load(module: $0), nic: nil, guest: nil, reason: .needed, because: "",
      disturbs: .nothing, after: [], origin: nil)
  }

  /// Returns the events that are shown after each given event. `a+` means that step a started, `a.`
  /// that it is done, `a!` skipped, `a-` being undone and `a=` undone; `a:` is a trace of a.
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

  @Test("of serial steps are shown at once")
  func serial() { #expect(shown("a+", "a:", "a.", "b+", "b.") == ["a+", "a:", "a.", "b+", "b."]) }

  @Test("of a later step are held back until the steps before it have ended")
  func held() {
    #expect(
      shown("a+", "b+", "b:", "c+", "b.", "a:", "c.", "a.")
        == ["a+", "", "", "", "", "a:", "", "a. b+ b: b. c+ c."])
  }

  @Test("of later steps are shown once the step before them is skipped")
  func skipped() { #expect(shown("b+", "b.", "c+", "c.", "a!") == ["", "", "", "", "a! b+ b. c+ c."]) }

  @Test("of an undo are shown in the order in which the undo of each step started")
  func undone() {
    #expect(
      shown("a+", "a.", "b+", "b.", "c!", "b-", "a-", "a=", "b=")
        == ["a+", "a.", "b+", "b.", "c!", "b-", "", "", "b= a- a="])
  }
}
