import HostModel

extension HostIndex {
  /// Returns the steps of a rollback, which are in the right order, with additional waits for steps that use
  /// the same resources. The plan of a recovery lacks these waits where the earlier steps were done when it
  /// was made.
  func ordered(_ steps: [Step]) -> [Step] {
    let order = ResourceUse.order(of: steps.map { $0.action.kind.resources(on: self).ordered })
    let numbers = Dictionary(
      steps.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    var result = steps
    // The indices that each step waits for, directly or indirectly.
    var before: [Set<Int>] = []
    for index in result.indices {
      // The order of a run may differ from that of its plan: steps that a reboot had undone were
      // done a second time.
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
  /// The resources that must be used in the reverse order: functions, VFs of a PF, and guests with their
  /// device names and ports. For the others the order does not matter.
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
