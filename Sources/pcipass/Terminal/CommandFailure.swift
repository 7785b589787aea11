import Documents
import Planning

/// Why a command failed. Commands throw it, and `Pcipass.run` prints it.
struct CommandFailure: Error {
  /// Why a plan is refused; printed before the diagnostics.
  var refusals: [Described<Refusal>] = []
  var diagnostics: [Diagnostic] = []
  /// The text for people between the refusals and the diagnostics.
  var text = ""
  /// A status that does not follow from the refusals and the diagnostics.
  var atLeast = ExitStatus.success

  var isEmpty: Bool { refusals.isEmpty && diagnostics.isEmpty }

  /// The most important exit status of the refusals and the errors.
  var status: ExitStatus {
    let errors = diagnostics.filter { $0.severity == .error }.map(ExitStatus.init(of:))
    let all = errors + (refusals.isEmpty ? [] : [.refused]) + [atLeast].filter { $0 != .success }
    return all.isEmpty ? .failure : .worst(of: all)
  }
}

extension CommandFailure {
  /// The failure of a command whose plan is refused.
  init(refusedBy plan: Plan, _ text: String = "", diagnostics: [Diagnostic] = []) {
    let subjects = PlanSubjects(plan)
    self.init(
      refusals: plan.refusals.map { subjects.described($0) }, diagnostics: diagnostics, text: text)
  }
}

/// An error that a command reports. Any other error is an error of the arguments.
protocol CommandError: Error {
  var commandFailure: CommandFailure { get }
}

extension CommandFailure: CommandError {
  var commandFailure: CommandFailure { self }
}

extension Diagnostics: CommandError {
  var commandFailure: CommandFailure { CommandFailure(diagnostics: all) }
}
