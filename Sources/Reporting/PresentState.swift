import Documents
import HostModel
import Manifests
import Planning

/// The present state of the functions of a plan, as read from the host.
enum PresentState {
  /// One line for each function of the plan's steps, and for each guest manager that could not be read.
  static func lines(of plan: Plan, _ state: HostState) -> [String] {
    let names = Dictionary(
      plan.steps.compactMap { step in step.action.guest.map { ($0, step.guest ?? $0.name) } },
      uniquingKeysWith: { first, _ in first })
    var seen: Set<PCIAddress> = []
    var result: [String] = []
    for address in plan.steps.compactMap(\.action.function) where seen.insert(address).inserted {
      guard let function = state[address] else {
        result.append("\(address) does not exist")
        continue
      }
      var line = "\(address) is bound to \(printable("\(Binding(of: function))"))"
      if let count = function.sriov?.count, count > 0 { line += ", with \(pluralised(count, "VF"))" }
      for (manager, guest) in state.allGuests {
        let name = printable(names[manager] ?? manager.name)
        if guest.live?.contains(where: { $0.address == address }) ?? false {
          line += ", in the running guest \(name)"
        }
        if guest.persistent?.contains(where: { $0.address == address }) ?? false {
          line += ", in the definition of \(name)"
        }
      }
      result.append(line)
    }
    let unknown = Set(plan.steps.compactMap(\.action.guest).compactMap { state.guests(of: $0.kind).reason })
    return result + unknown.sorted().map { "the devices of guests are unknown: \(printable($0))" }
  }
}
