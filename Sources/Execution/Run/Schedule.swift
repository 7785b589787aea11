import Planning

/// Which steps can begin: those whose predecessors have ended and that use no resource of a running
/// step. Pure: it uses neither threads nor a host.
struct Schedule {
  private let before: [[Int]]
  private let uses: [ResourceUse]
  private var waiting: [Int]
  private var running: [Int] = []
  private var ended: Set<Int> = []

  /// - Parameters:
  ///   - before: for each step, the indices of the steps that it waits for.
  ///   - uses: for each step, the resources that it uses.
  init(before: [[Int]], uses: [ResourceUse]) {
    self.before = before
    self.uses = uses
    waiting = Array(before.indices)
  }

  /// The steps of a plan. Ids in `after` that are not among the steps count as done.
  init(_ steps: [Step], uses: [ResourceUse]) {
    let numbers = Dictionary(
      steps.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    self.init(before: steps.map { $0.after.compactMap { numbers[$0] } }, uses: uses)
  }

  /// The indices of the steps that can begin, in order. Of steps that use the same resource the first comes
  /// first.
  var ready: [Int] { waiting.filter(canBegin) }

  /// The first of the ready steps, without computing the others.
  var firstReady: Int? { waiting.first(where: canBegin) }

  private func canBegin(_ number: Int) -> Bool {
    before[number].allSatisfy(ended.contains)
      && !running.contains { uses[number].conflicts(with: uses[$0]) }
  }

  /// The indices of the steps that have not begun.
  var left: [Int] { waiting }
  var isIdle: Bool { running.isEmpty }
  var runningCount: Int { running.count }

  mutating func begin(_ number: Int) {
    waiting.removeAll { $0 == number }
    running.append(number)
  }

  mutating func end(_ number: Int) {
    running.removeAll { $0 == number }
    ended.insert(number)
  }
}
