import HostModel
import Planning

/// What applies and rollbacks did last to something, each with whether it is still so.
public struct Deed: Sendable {
  public let journal: Journal
  public let effect: Effect
  /// The rollback that took all of that apply back.
  public let takenBackBy: Int?
  /// How much of it is there now.
  public let progress: Progress

  /// What is changed: of each only the last that was done to it tells why it is as it is.
  private enum Aspect: Hashable {
    case module(String)
    case driver(PCIAddress)
    case vfCount(PCIAddress)
    case vfSettings(PCIAddress)
    case device(PCIAddress, Placement)

    init(_ action: Action) {
      self =
        switch action {
        case .load(let module): .module(module)
        case .bind(let address, _, _): .driver(address)
        case .resize(let address, _, _): .vfCount(address)
        case .configure(let place, _, _): .vfSettings(place.address)
        case .attach(let hostdev, let placement), .detach(let hostdev, let placement):
          .device(hostdev.address, placement)
        }
    }
  }

  /// The last ones about something, the oldest first.
  public static func last(
    in journals: [Journal], on state: HostState, where isMeant: (Action) -> Bool
  ) -> [Deed] {
    let takenBack = journals.takenBack
    var seen: Set<Aspect> = []
    var result: [Deed] = []
    for journal in journals.reversed() {
      let effects = journal.effects
      guard effects.contains(where: { isMeant($0.action) }) else { continue }
      let progress = Planner.progress(of: journal.doings, on: state)
      for (effect, progress) in zip(effects, progress).reversed()
      where isMeant(effect.action) && seen.insert(Aspect(effect.action)).inserted {
        result.append(
          Deed(journal: journal, effect: effect, takenBackBy: takenBack[journal.id], progress: progress))
      }
    }
    return result.reversed()
  }

  /// What was done to one function; of a VF also what made it, by its PF.
  public static func last(
    to address: PCIAddress, partOf physical: PCIAddress?, in journals: [Journal], on state: HostState
  ) -> [Deed] {
    last(in: journals, on: state) { action in
      if case .resize(let other, _, _) = action { return other == address || other == physical }
      return action.function == address
    }
  }
}
