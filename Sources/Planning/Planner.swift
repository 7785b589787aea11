import Documents
import HostModel
import Manifests

/// Makes plans by comparing manifests with the observed host. Pure: it uses no file, no clock and no
/// environment.
public enum Planner {
  /// Returns the steps that bring the host into sync with the manifests, with the refusals of all
  /// guards.
  ///
  /// - Parameter last: what the last apply on this host recorded, to report guests that were deleted or
  ///   replaced since.
  public static func plan(_ resolved: ResolvedRequest, since last: LastApply = LastApply()) -> Plan {
    let (request, host) = (resolved.request, resolved.host)
    var plan = Plan(
      request: resolved.declared, machine: host.state.machine, steps: [], refusals: [], notices: [], facts: []
    )
    var builder = PlanBuilder(resolved)
    var log = resolved.resolution.log.about { builder.isTargeted(nic: $0) }
    let changes = builder.changes()
    let judgement = log.judge(changes, in: builder.context(of: changes))
    builder.build(judgement.accepted)
    let prune = Prune(request, host)
    plan.refusals =
      unknownTargets(resolved)
      + resolved.assignmentRefusals.filter {
        request.includes(guest: $0.guest, nic: $0.nic.flatMap { NICReference($0) })
      }
      + request.pinRefusals(on: host) + [prune.refusal].compactMap { $0 }
      + log.refusals
    plan.guards = log.reports(on: builder.steps)
    plan.notices =
      prune.notices(since: last.guests) + last.replacements(of: builder.targetedGuests, on: host)
      + notices(of: changes, judgement.refused)
      + host.referenceNotices(of: judgement.accepted, resolved.names)
    let saved = SavedImages(resolved).notices(of: builder.targetedGuests)
    plan.notices +=
      saved + host.restoringNotices(of: builder.steps, without: Set(saved.compactMap(\.guest)))
      + networkNotices(changes, host.state)
      + (resolved.assigner.shortages + resolved.assigner.unassigned).filter { notice in
        request.includes(guest: nil, nic: notice.nic.flatMap { NICReference($0) })
      } + builder.hostPartNotices(of: changes)
    plan.assignments = resolved.assignments
    plan.steps = ordered(builder.steps).map { host.identified($0) }
    plan.facts =
      Fact.collect(about: changes.map(\.address), request, host) + resolved.assignments.map(Fact.init)
    return plan
  }

  /// Returns the notices of each change up to the stage at which it was refused.
  private static func notices(
    of changes: [ProposedChange], _ refused: [PCIAddress: GuardStage]
  ) -> [Notice] {
    func notices(_ stages: (GuardStage) -> Bool) -> [Notice] {
      changes.flatMap { change in
        change.notices.filter { note in
          stages(note.stage) && refused[change.address].map { note.stage < $0 } ?? true
        }.map(\.notice)
      }
    }
    return notices { $0 <= .vfSettings } + notices { $0 > .vfSettings }
  }

  /// Returns a notice if libvirt's domains are known and its networks are not.
  private static func networkNotices(_ changes: [ProposedChange], _ state: HostState) -> [Notice] {
    guard let reason = state.networks?.reason,
      changes.contains(where: {
        $0.candidate.guestClaim != nil && $0.candidate.function?.virtualFunction != nil
      })
    else { return [] }
    return [
      Notice(.unknown, "whether a libvirt network assigns VFs of this host is unknown: \(reason)")
    ]
  }

  private static func unknownTargets(_ resolved: ResolvedRequest) -> [Refusal] {
    let (declared, request) = (resolved.declared, resolved.request)
    let names = declared.host.entryNames
    return request.targets.compactMap { target in
      let isKnown =
        switch target {
        case .nic(let name): names.contains(name) || request.host.spec.nics.contains { $0.name.value == name }
        case .guest(let name): request.guests.contains { $0.name == name }
        }
      guard !isKnown else { return nil }
      let ports = request.host.spec.nics.map(\.name.value).filter { !names.contains($0) }
      let known = (names + ports).map { "nic/\($0)" } + request.guests.map { "guest/\($0.name)" }
      return Refusal(
        .select, "\(target) is not in the manifests of \(request.host.name)", details: known,
        help: nearest(to: "\(target)", among: known).map { "did you mean \($0)?" }
          ?? "choose one of these targets")
    }
  }

  /// Sorts the steps so that each one follows those it waits for, and otherwise keeps their order.
  static func ordered(_ steps: [Step]) -> [Step] {
    var result: [Step] = []
    let index = Dictionary(steps.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    var isDone = [Bool](repeating: false, count: steps.count)
    func take(_ number: Int) {
      guard !isDone[number] else { return }
      isDone[number] = true
      for id in steps[number].after { if let earlier = index[id] { take(earlier) } }
      result.append(steps[number])
    }
    for number in steps.indices { take(number) }
    return result
  }
}
