import HostModel

extension HostIndex {
  /// Steps of a way back that are in the right order, each also waiting for those before it of which the plan does not know
  /// that it must: the plan of a recovery was made when the steps before it were there already.
  func ordered(_ steps: [Step]) -> [Step] {
    let order = ResourceUse.order(of: steps.map { $0.action.kind.resources(on: self).ordered })
    let numbers = Dictionary(
      steps.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    var result = steps
    // For each step all that it waits for, directly or through others.
    var before: [Set<Int>] = []
    for index in result.indices {
      // The order of the run may be another than that of its plan: what a boot had undone was done again.
      result[index].after.removeAll { numbers[$0].map { $0 >= index } ?? true }
      var all: Set<Int> = []
      func add(_ number: Int) { all.formUnion(before[number].union([number])) }
      for number in result[index].after.compactMap({ numbers[$0] }) { add(number) }
      for number in order[index].reversed() where !all.contains(number) {
        result[index].after.append(result[number].id)
        add(number)
      }
      before.append(all)
    }
    return result
  }
}

extension ResourceUse {
  /// What must be used in reverse of how it was used before: a function, a PF's VFs, a guest with its names and ports. Of
  /// the rest it does not count which step is first.
  fileprivate var ordered: ResourceUse {
    func isOrdered(_ resource: Resource) -> Bool {
      switch resource {
      case .function, .vfCount, .guest: true
      case .vfSettings, .iommuGroup, .reset, .module: false
      }
    }
    return ResourceUse(exclusive: exclusive.filter(isOrdered), shared: shared.filter(isOrdered))
  }
}
