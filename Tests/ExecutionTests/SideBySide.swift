import Execution
import TestSupport

/// A pool that draws at random which started step runs next and runs each without interruption, so
/// that a run with several jobs is the same for the same seed.
final class DrawnPool: StepPool {
  private var dice: Dice
  private var open: [(number: Int, work: @Sendable () -> Void)] = []
  /// The largest number of steps that were started and not finished at once.
  private(set) var most = 0

  init(seed: Int) { dice = Dice(seed: seed) }

  func start(_ number: Int, _ work: @escaping @Sendable () -> Void) {
    open.append((number, work))
    most = max(most, open.count)
  }

  func next() -> Int {
    let (number, work) = open.remove(at: dice.number(0..<open.count))
    work()
    return number
  }

  func choose(_ count: Int) -> Int { dice.number(0..<count) }
}

extension Executor.Order {
  /// Runs this many steps at once, each chosen at random from those that may start.
  static func drawn(jobs: Int, seed: Int) -> Executor.Order {
    let pool = DrawnPool(seed: seed)
    return Executor.Order(jobs: jobs, pool: pool, choose: { pool.choose($0) })
  }
}
