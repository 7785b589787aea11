import Planning
import Synchronization

/// Steps on their way side by side: which may begin next, and what the host answered of those that have.
struct Lanes<Answer: Sendable> {
  private(set) var schedule: Schedule
  private let order: Executor.Order
  private let answers = Answers()

  /// An answer stays here from the thread that asked for it until the executor's takes it.
  private final class Answers: Sendable {
    let all = Mutex<[Int: Answer]>([:])
  }

  init(_ schedule: Schedule, _ order: Executor.Order) {
    self.schedule = schedule
    self.order = order
  }

  /// The next step, which has begun with that; nil where none may begin now.
  mutating func begin() -> Int? {
    guard schedule.runningCount < order.jobs else { return nil }
    let number: Int?
    if let choose = order.choose {
      let ready = schedule.ready
      number = ready.isEmpty ? nil : ready[choose(ready.count)]
    } else {
      number = schedule.firstReady
    }
    if let number { schedule.begin(number) }
    return number
  }

  /// Takes a step that will not begin from those that are waiting.
  mutating func withdraw(_ number: Int) { schedule.begin(number) }

  mutating func end(_ number: Int) { schedule.end(number) }

  /// Asks the host something that takes time about a step.
  func ask(_ number: Int, _ question: @escaping @Sendable () -> Answer) {
    let answers = answers
    order.pool.start(number) {
      let answer = question()
      answers.all.withLock { $0[number] = answer }
    }
  }

  /// The next answer; nil where nothing was asked that is not answered.
  func answer() -> (number: Int, answer: Answer)? {
    while !schedule.isIdle {
      let number = order.pool.next()
      if let answer = answers.all.withLock({ $0.removeValue(forKey: number) }) { return (number, answer) }
    }
    return nil
  }
}
