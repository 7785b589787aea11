import HostModel
import Manifests

/// Evaluates the transition questions again immediately before each step, because the host may have
/// changed since the plan was made, for example while an earlier step was slow.
public struct StepJudge: Sendable {
  /// The plan that the steps belong to.
  public let plan: Plan
  /// The host that the plan was made for.
  public let before: HostIndex
  private let direction: GuardDirection
  /// The manifests of the plan, without their source locations.
  private let request: Request
  /// The definitions that the plan adds devices to. A rollback may create VFs after the definitions that name
  /// them.
  private let plannedPlacements: Set<PlannedPlacement>

  /// - Parameter before: the host that the plan was made for.
  public init(_ plan: Plan, _ direction: RunDirection, since before: HostIndex) {
    self.plan = plan
    self.before = before
    request = plan.assignedRequest.withoutPlaces
    plannedPlacements = Set(
      plan.steps.compactMap(\.action.resultingDevice).filter { $0.placement.part == .persistent }
        .map { PlannedPlacement(address: $0.hostdev.address, placement: $0.placement) })
    self.direction =
      switch direction {
      case .forward: .forward(prunes: plan.request.prune)
      case .back(let isFinal): .back(isFinal ? .final : .interrupted)
      }
  }

  private var isForward: Bool { if case .forward = direction { true } else { false } }

  /// Returns the step to judge in place of a step: unbinding VFs before they are deleted is judged as
  /// deleting them.
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

  /// Returns the refusal of a guard that the step does not pass now, or `nil`. `changed` is the refusal if
  /// its function or guest was replaced since.
  ///
  /// - Parameters:
  ///   - step: the step, with the action that is about to be done.
  ///   - host: the host. Every part that the step is about was read immediately before.
  public func refusal(of step: Step, on host: HostIndex) -> Refusal? {
    if let found = host.replaced(step, as: step.action) {
      return Refusal(
        .changed, nic: step.nic, guest: step.guest, "\(step.id): the function or guest was replaced",
        details: [found], help: "make a new plan: the host has changed since the plan was made",
        origin: step.origin)
    }
    // The undo of a run is judged with what is known of guests, whatever the run looked at.
    let part = isForward ? request.part : .everything
    let host = host.seen(by: part)
    let claims = isForward ? request.guestClaims(on: host) : [:]
    guard let change = host.changes(by: [step], request, claims).first else { return nil }
    let ahead = plan.steps.filter { host.state(of: $0.action) != .done }
    let context = GuardContext(
      host: host, direction: direction, part: part, changes: host.changes(by: ahead, request, claims),
      names: GuestNames(request.guests, on: host), plannedPlacements: plannedPlacements,
      knowsHolders: step.action.needsHolders)
    var log = GuardLog()
    _ = log.judge([change], in: context, asking: [.transition])
    return log.refusals.first
  }
}
