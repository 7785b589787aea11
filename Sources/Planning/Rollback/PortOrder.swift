import HostModel
import Manifests

extension HostIndex {
  /// Steps of a way back, in an order in which what leaves a running guest makes room where its ports are scarce. The run
  /// may have added first and removed then, with ports that others have by now.
  ///
  /// - Parameter steps: in an order in which they could be done, with what each waits for.
  func makingRoom(_ steps: [Step]) -> [Step] {
    var steps = steps
    for (guest, state) in guests {
      guard let free = state.freePorts else { continue }
      let added = steps.filter { $0.plugs(into: guest) }
      guard free < added.count, let first = steps.firstIndex(where: { $0.plugs(into: guest) }) else {
        continue
      }
      let names = Set(added.map(\.id))
      // That a device leaves waits for no other that comes, but where a run had to take turns at the guest.
      for index in steps.indices where steps[index].unplugs(from: guest) {
        let own = added.filter { $0.action.function == steps[index].action.function }.map(\.id)
        steps[index].after.removeAll { names.contains($0) && !own.contains($0) }
      }
      let needed = Dictionary(steps.map { ($0.id, $0.after) }, uniquingKeysWith: { one, _ in one })
      var moved: Set<String> = []
      let later = Array(steps[first...])
      for step in later where step.unplugs(from: guest) {
        let all = closure(of: step.id, in: needed)
        // It waits for one of those that it would make room for.
        if all.isDisjoint(with: names) { moved.formUnion(all) }
      }
      steps =
        Array(steps[..<first]) + later.filter { moved.contains($0.id) }
        + later.filter { !moved.contains($0.id) }
    }
    return steps
  }

  /// A step and all that it waits for, directly or through others.
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
