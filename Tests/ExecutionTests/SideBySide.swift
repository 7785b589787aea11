import Execution
import TestSupport

/// Work that waits until it is chosen: which piece comes next is drawn by lot, and each is done as a whole. So a run with
/// several jobs is the same for the same seed.
final class DrawnPool: StepPool {
  private var dice: Dice
  private var open: [(number: Int, work: @Sendable () -> Void)] = []
  /// How many were open at once, at the most.
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
  /// So many steps side by side, any that may begin next.
  static func drawn(jobs: Int, seed: Int) -> Executor.Order {
    let pool = DrawnPool(seed: seed)
    return Executor.Order(jobs: jobs, pool: pool, choose: { pool.choose($0) })
  }
}
