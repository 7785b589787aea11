import HostModel
import Planning

/// The last change that an apply or rollback made to a part of the host, and whether it is still in effect.
public struct LastChange: Sendable {
  public let journal: Journal
  public let effect: Effect
  /// The number of the rollback that undid the whole apply, if there is one.
  public let rolledBackBy: Int?
  /// How much of the change is on the host now.
  public let state: StepState

  /// Returns the last change to each part of the host that the condition selects, the oldest first.
  public static func last(
    in journals: [Journal], on host: HostIndex, where isMeant: (Action) -> Bool
  ) -> [LastChange] {
    let rolledBack = journals.rolledBack
    var seen: Set<Aspect> = []
    var result: [LastChange] = []
    for journal in journals.reversed() {
      let effects = journal.effects
      guard effects.contains(where: { isMeant($0.action) }) else { continue }
      let states = Planner.states(of: journal.planOfEffects, on: host)
      for (effect, state) in zip(effects, states).reversed()
      where isMeant(effect.action) && seen.insert(effect.action.aspect).inserted {
        result.append(
          LastChange(journal: journal, effect: effect, rolledBackBy: rolledBack[journal.id], state: state))
      }
    }
    return result.reversed()
  }

  /// Returns the last changes to one function, and, for a VF, the change of its PF that created it.
  public static func last(
    to address: PCIAddress, partOf physical: PCIAddress?, in journals: [Journal], on host: HostIndex
  ) -> [LastChange] {
    last(in: journals, on: host) { action in
      action.function == address || action.recreatesFunctions && action.function == physical
    }
  }
}
