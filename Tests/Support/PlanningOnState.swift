import HostModel
import Planning

// A command indexes its host once. Tests have many hosts, so these overloads index the host in each
// call.

extension Planner {
  public static func plan(
    _ request: Request, on state: HostState, since last: LastApply = LastApply()
  ) -> Plan {
    plan(ResolvedRequest(request, on: HostIndex(state)), since: last)
  }

  public static func rollback(
    of plan: Plan, on state: HostState, inDoubt: Set<String> = [], targets: [Target] = [],
    isFinal: Bool = true
  ) -> Plan {
    rollback(of: plan, on: HostIndex(state), inDoubt: inDoubt, targets: targets, isFinal: isFinal)
  }
}

extension StepJudge {
  public init(_ plan: Plan, _ direction: RunDirection, since before: HostState) {
    self.init(plan, direction, since: HostIndex(before))
  }

  public func refusal(of step: Step, on state: HostState) -> Refusal? {
    refusal(of: step, on: HostIndex(state))
  }
}

extension HostState {
  /// How far the step of this action has come on this host.
  public func state(of action: Action) -> StepState { HostIndex(self).state(of: action) }
}

extension HostStatus {
  public init(_ plan: Plan, on state: HostState) {
    self.init(plan, of: ResolvedRequest(plan.request, on: HostIndex(state)))
  }
}

extension Explainer {
  public init(_ request: Request?, on state: HostState) { self.init(request, on: HostIndex(state)) }
}

extension Availability {
  public static func all(on state: HostState) -> [PCIAddress: Availability] { all(on: HostIndex(state)) }
}

extension Claims {
  public init(_ request: Request, on state: HostState) {
    self.init(ResolvedRequest(request, on: HostIndex(state)))
  }
}

extension Inventory {
  public init(_ state: HostState, request: Request?) { self.init(HostIndex(state), request: request) }
}

extension Topology {
  public init(_ state: HostState) { self.init(HostIndex(state)) }

  public init(_ state: HostState, plan: Plan) {
    self.init(plan, of: ResolvedRequest(plan.request, on: HostIndex(state)))
  }
}

extension Import {
  public init(_ state: HostState, _ options: Options) { self.init(HostIndex(state), options) }
}

extension Doctor {
  public static func examine(_ state: HostState, _ survey: Survey) -> Diagnosis {
    examine(HostIndex(state), survey)
  }
}
