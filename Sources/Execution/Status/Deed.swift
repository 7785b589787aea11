import HostModel
import Planning

/// What applies and rollbacks did last to something, each with whether it is still so.
public struct Deed: Sendable {
  public let journal: Journal
  public let effect: Effect
  /// The rollback that took all of that apply back.
  public let takenBackBy: Int?
  /// How much of it is there now.
  public let state: StepState

  /// The last ones about something, the oldest first.
  public static func last(
    in journals: [Journal], on host: HostIndex, where isMeant: (Action) -> Bool
  ) -> [Deed] {
    let takenBack = journals.takenBack
    var seen: Set<Aspect> = []
    var result: [Deed] = []
    for journal in journals.reversed() {
      let effects = journal.effects
      guard effects.contains(where: { isMeant($0.action) }) else { continue }
      let states = Planner.states(of: journal.planOfEffects, on: host)
      for (effect, state) in zip(effects, states).reversed()
      where isMeant(effect.action) && seen.insert(effect.action.aspect).inserted {
        result.append(
          Deed(journal: journal, effect: effect, takenBackBy: takenBack[journal.id], state: state))
      }
    }
    return result.reversed()
  }

  /// What was done to one function; of a VF also what made it, by its PF.
  public static func last(
    to address: PCIAddress, partOf physical: PCIAddress?, in journals: [Journal], on host: HostIndex
  ) -> [Deed] {
    last(in: journals, on: host) { action in
      action.function == address || action.remakesFunctions && action.function == physical
    }
  }
}
