import Documents
import HostModel
import Manifests

/// The results of guards and the refusals, in the order of the questions.
struct GuardLog {
  private(set) var reports: [GuardReport] = []
  private(set) var refusals: [Refusal] = []
  private var places: [Key: Int] = [:]

  private struct Key: Hashable {
    let which: Guard
    let nic: JudgedNIC
    let guest: String?
  }

  /// A VF that is changed together with its PF has the PF's name, so the function is a part of the key.
  private struct JudgedNIC: Hashable {
    let name: String?
    let function: PCIAddress
  }

  struct Judgement {
    var accepted: [ProposedChange]
    /// The stage at which each refused change was refused.
    var refused: [PCIAddress: GuardStage] = [:]
  }

  /// Evaluates all guards for all changes, in rounds.
  mutating func judge(
    _ changes: [ProposedChange], in context: GuardContext,
    asking kinds: Set<GuardQuestion.Kind> = [.transition, .endState]
  ) -> Judgement {
    var context = context
    var result = Judgement(accepted: changes)
    for round in GuardStage.rounds {
      for change in result.accepted {
        if let stage = record(change, round, kinds, context) { result.refused[change.address] = stage }
      }
      context = context.without(Set(result.refused.keys))
      result.accepted.removeAll { context.changes[$0.address] == nil }
    }
    return result
  }

  /// Records the results for one change in one round.
  ///
  /// - Returns: the stage at which the change is refused, or `nil` if it passes.
  private mutating func record(
    _ change: ProposedChange, _ round: ClosedRange<GuardStage>, _ kinds: Set<GuardQuestion.Kind>,
    _ context: GuardContext
  ) -> GuardStage? {
    let obstacle = change.obstacle.flatMap { round.contains($0.stage) ? $0 : nil }
    for question in GuardStage.questions(about: context.part)
    where round.contains(question.stage) && kinds.contains(question.kind) {
      if let obstacle, obstacle.stage < question.stage { break }
      for result in question.results(change, context) {
        guard record(result, of: change.candidate) else { return question.stage }
      }
    }
    if let obstacle { refusals.append(obstacle.refusal) }
    return obstacle?.stage
  }

  /// Records a result, as a refusal if the guard is violated and the manifest does not allow that.
  ///
  /// - Returns: whether the change may go on to the next question.
  mutating func record(_ result: GuardResult, of candidate: Candidate) -> Bool {
    func report(_ verdict: GuardReport.Verdict, _ found: String, because: String? = nil) -> GuardReport {
      GuardReport(
        result.which, nic: candidate.name, function: candidate.address, guest: result.guest, verdict,
        found: [found], because: because)
    }
    switch result.outcome {
    case .passed(let found):
      add(report(.passed, found))
      return true
    case .violated(let violation):
      if let nic = candidate.nic, let allowance = result.which.allowance, nic.allow.contains(allowance) {
        add(report(.allowed, violation.found, because: nic.because))
        return true
      }
      add(report(.refused, violation.message))
      refuse(
        Refusal(
          violation.code, nic: candidate.name, guest: candidate.guest, violation.message,
          details: violation.details, help: violation.help, origin: violation.origin ?? candidate.origin))
      return false
    }
  }

  /// Records a refusal that is not the result of a guard.
  mutating func refuse(_ refusal: Refusal) { refusals.append(refusal) }

  /// Adds a report. A guard that is evaluated more than once for the same NIC has one report with
  /// the worst verdict.
  private mutating func add(_ report: GuardReport) {
    let nic = JudgedNIC(name: report.nic, function: report.function)
    let key = Key(which: report.which, nic: nic, guest: report.guest)
    guard let index = places[key] else {
      places[key] = reports.count
      reports.append(report)
      return
    }
    if report.verdict == reports[index].verdict {
      reports[index].found += report.found.filter { !reports[index].found.contains($0) }
    } else if report.verdict.isWorse(than: reports[index].verdict) {
      reports[index] = report
    }
  }

  /// Returns the results and refusals about the included NICs, and those about no NIC.
  func about(_ isIncluded: (String) -> Bool) -> GuardLog {
    var result = GuardLog()
    for report in reports where report.nic.map(isIncluded) ?? true { result.add(report) }
    result.refusals = refusals.filter { $0.nic.map(isIncluded) ?? true }
    return result
  }

  /// Returns the reports about NICs that steps change, in the order of the steps, then those about refused
  /// NICs.
  func reports(on steps: [Step]) -> [GuardReport] {
    let refused = Set(refusals.compactMap(\.nic))
    var order: [JudgedNIC] = steps.compactMap { step in
      step.action.function.map { JudgedNIC(name: step.nic, function: $0) }
    }
    var grouped: [JudgedNIC: [GuardReport]] = [:]
    for report in reports {
      let nic = JudgedNIC(name: report.nic, function: report.function)
      grouped[nic, default: []].append(report)
      if report.verdict == .refused || report.nic.map(refused.contains) ?? false { order.append(nic) }
    }
    return order.flatMap { grouped.removeValue(forKey: $0) ?? [] }
  }
}

extension GuardReport.Verdict {
  fileprivate func isWorse(than other: Self) -> Bool {
    switch (self, other) {
    case (.refused, .passed), (.refused, .allowed), (.allowed, .passed): true
    default: false
    }
  }
}
