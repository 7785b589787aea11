import Planning

/// Which steps may begin: those for which all that they wait for has ended, and that use nothing that a step uses which
/// is being done. Pure: it knows neither threads nor a host.
struct Schedule {
  private let before: [[Int]]
  private let uses: [ResourceUse]
  private var waiting: [Int]
  private var running: [Int] = []
  private var ended: Set<Int> = []

  /// - Parameters:
  ///   - before: for each step the indices of those that it waits for.
  ///   - uses: for each step what it uses.
  init(before: [[Int]], uses: [ResourceUse]) {
    self.before = before
    self.uses = uses
    waiting = Array(before.indices)
  }

  /// The steps of a plan. What is waited for and is not among them is taken to be there.
  init(_ steps: [Step], uses: [ResourceUse]) {
    let numbers = Dictionary(
      steps.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    self.init(before: steps.map { $0.after.compactMap { numbers[$0] } }, uses: uses)
  }

  /// In their order. Of steps that use the same the first goes first, unless another is chosen.
  var ready: [Int] { waiting.filter(mayBegin) }

  /// The first of these, which is all that is asked for where steps are done one after another.
  var firstReady: Int? { waiting.first(where: mayBegin) }

  private func mayBegin(_ number: Int) -> Bool {
    before[number].allSatisfy(ended.contains)
      && !running.contains { uses[number].conflicts(with: uses[$0]) }
  }

  /// What has neither begun nor ended.
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
