import Planning
import Synchronization

/// The steps that are done at the same time: which one can begin next, and the results of those
/// that have begun.
struct RunningSteps<Answer: Sendable> {
  private(set) var schedule: Schedule
  private let order: Executor.Order
  private let answers = Answers()

  /// The answers that threads of the pool have stored for the thread of the executor.
  private final class Answers: Sendable {
    let all = Mutex<[Int: Answer]>([:])
  }

  init(_ schedule: Schedule, _ order: Executor.Order) {
    self.schedule = schedule
    self.order = order
  }

  /// Begins the next step and returns its index, or returns `nil` if none can begin now.
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

  /// Removes a step that will not begin from the waiting steps.
  mutating func withdraw(_ number: Int) { schedule.begin(number) }

  mutating func end(_ number: Int) { schedule.end(number) }

  /// Reads or does a step in the pool.
  func ask(_ number: Int, _ question: @escaping @Sendable () -> Answer) {
    let answers = answers
    order.pool.start(number) {
      let answer = question()
      answers.all.withLock { $0[number] = answer }
    }
  }

  /// Waits for the next answer. Returns `nil` if no step is in progress.
  func answer() -> (number: Int, answer: Answer)? {
    while !schedule.isIdle {
      let number = order.pool.next()
      if let answer = answers.all.withLock({ $0.removeValue(forKey: number) }) { return (number, answer) }
    }
    return nil
  }
}
