import Documents
import HostModel
import Manifests
import Planning

/// The present state of the functions of a plan, as read from the host.
enum PresentState {
  /// One line for each function of the plan's steps, and for each guest manager that could not be read.
  static func lines(of plan: Plan, _ state: HostState) -> [String] {
    var seen: Set<PCIAddress> = []
    var result: [String] = []
    for address in plan.steps.compactMap(\.action.function) where seen.insert(address).inserted {
      guard let function = state[address] else {
        result.append("\(address) is gone")
        continue
      }
      var line = "\(address) is on \(printable("\(Binding(of: function))"))"
      if let count = function.sriov?.count, count > 0 { line += ", with \(count) VF\(count == 1 ? "" : "s")" }
      for (manager, guest) in state.allGuests {
        if guest.live?.contains(where: { $0.address == address }) ?? false {
          line += ", in the running \(printable(manager.name))"
        }
        if guest.persistent?.contains(where: { $0.address == address }) ?? false {
          line += ", in the definition of \(printable(manager.name))"
        }
      }
      result.append(line)
    }
    let unknown = Set(plan.steps.compactMap(\.action.guest).compactMap { state.guests(of: $0.kind).reason })
    return result + unknown.sorted().map { "what guests have is not known: \(printable($0))" }
  }
}
