import HostModel
import Manifests

extension HostIndex {
  /// Returns the steps of a rollback in an order that, if a running guest has too few ports,
  /// removes devices before other devices need their ports. The run may have added devices first
  /// and removed others later, and other devices may use its ports now.
  ///
  /// - Parameter steps: in an order in which they can be done.
  func freeingPortsFirst(_ steps: [Step]) -> [Step] {
    var steps = steps
    for (guest, state) in guests {
      guard let free = state.freePorts else { continue }
      let added = steps.filter { $0.plugs(into: guest) }
      guard free < added.count, let first = steps.firstIndex(where: { $0.plugs(into: guest) }) else {
        continue
      }
      let names = Set(added.map(\.id))
      // A device can be removed without waiting for others that are added, except for those of the
      // same function.
      for index in steps.indices where steps[index].unplugs(from: guest) {
        let own = added.filter { $0.action.function == steps[index].action.function }.map(\.id)
        steps[index].after.removeAll { names.contains($0) && !own.contains($0) }
      }
      let needed = Dictionary(steps.map { ($0.id, $0.after) }, uniquingKeysWith: { one, _ in one })
      var moved: Set<String> = []
      let later = Array(steps[first...])
      for step in later where step.unplugs(from: guest) {
        let all = closure(of: step.id, in: needed)
        // A step that waits for one of the added devices cannot free a port for it.
        if all.isDisjoint(with: names) { moved.formUnion(all) }
      }
      steps =
        Array(steps[..<first]) + later.filter { moved.contains($0.id) }
        + later.filter { !moved.contains($0.id) }
    }
    return steps
  }

  /// Returns the ids of a step and of all steps that it waits for, directly or indirectly.
  private func closure(of step: String, in needed: [String: [String]]) -> Set<String> {
    var result: Set = [step]
    var open = [step]
    while let next = open.popLast() {
      for other in needed[next] ?? [] where result.insert(other).inserted { open.append(other) }
    }
    return result
  }
}

extension Step {
  fileprivate func plugs(into guest: GuestManager) -> Bool {
    action.device.map { $0.isAdded && $0.isLive && $0.placement.guest == guest } ?? false
  }

  fileprivate func unplugs(from guest: GuestManager) -> Bool {
    action.device.map { !$0.isAdded && $0.isLive && $0.placement.guest == guest } ?? false
  }
}
