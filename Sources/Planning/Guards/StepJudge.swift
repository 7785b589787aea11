import HostModel
import Manifests

/// Asks once more, at the moment of each step, what the guards asked when it was planned: the world may have changed
/// since, and most of all while an earlier step took its time.
public struct StepJudge: Sendable {
  public let plan: Plan
  /// What the plan was made from.
  public let before: HostIndex
  private let direction: GuardDirection
  /// The manifests of the plan, which stand in no file any more.
  private let request: Request
  /// On a way back VFs are created again after the definitions that name them.
  private let plannedPlacements: Set<PlannedPlacement>

  public init(_ plan: Plan, _ direction: RunDirection, since before: HostIndex) {
    self.plan = plan
    self.before = before
    request = plan.request.withoutPlaces
    plannedPlacements = Set(
      plan.steps.compactMap(\.action.placed).filter { $0.placement.part == .persistent }
        .map { PlannedPlacement(address: $0.hostdev.address, placement: $0.placement) })
    self.direction =
      switch direction {
      case .forward: .forward(prunes: plan.request.prune)
      case .back(let isFinal): .back(isFinal ? .final : .interrupted)
      }
  }

  private var isForward: Bool { if case .forward = direction { true } else { false } }

  /// What is asked about: taking VFs from their drivers is the beginning of replacing them.
  public func subject(_ step: Step, as action: Action) -> Step {
    var step = step
    step.action = action
    guard isForward, step.isRelease,
      let place = action.function.flatMap({ before.functions[$0]?.virtualFunction })
    else {
      return step
    }
    return plan.steps.first {
      if case .resize(let resize) = $0.action { resize.address == place.physicalFunction } else { false }
    } ?? step
  }

  /// What stands against doing it now; nil where nothing does.
  ///
  /// - Parameters:
  ///   - step: with what it is about to do.
  ///   - host: the host, of which all that the step is about was read just now.
  public func refusal(of step: Step, on host: HostIndex) -> Refusal? {
    if let found = host.replaced(step, as: step.action) {
      return Refusal(
        .changed, nic: step.nic, guest: step.guest, "\(step.id) is about something else by now",
        details: [found], help: "plan again: the host has changed since the plan was made",
        origin: step.origin)
    }
    let claims = isForward ? request.guestClaims(on: host) : [:]
    guard let change = host.changes(by: [step], request, claims).first else { return nil }
    let ahead = plan.steps.filter { host.state(of: $0.action) != .done }
    let context = GuardContext(
      host: host, direction: direction, changes: host.changes(by: ahead, request, claims),
      names: GuestNames(request.guests, on: host), plannedPlacements: plannedPlacements,
      knowsHolders: step.action.asksForHolders)
    var log = GuardLog()
    _ = log.judge([change], in: context, asking: [.transition])
    return log.refusals.first
  }
}
