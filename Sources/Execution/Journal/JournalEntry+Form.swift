import Documents
import Files
import HostModel
import Hosts
import Planning

extension JournalEntry {
  /// Returns the form of entries. An entry contains the id of its step; the plan before it contains the step.
  ///
  /// - Parameter steps: the steps that entries can be about, by id.
  static func form(_ steps: [String: Step]) -> Form<JournalEntry> {
    let step = Form<Step>.text("a step of this plan", pattern: "^", parse: { steps[$0] }, print: \.id)
    let timed = Form<TimedStep>.record(
      "TimedStep", "A step, and how long it took.", Field("step", \.step, step, "The step."),
      Field("took", \.took, .milliseconds, "Milliseconds."), make: TimedStep.init)
    let changed = Form<ChangedStep>.record(
      "ChangedStep", "A step, and what is done.", Field("step", \.step, step, "The step."),
      Field("action", \.action, Action.form, "The change, from its old value to the new one."),
      make: ChangedStep.init)
    let failed = Form<FailedStep>.record(
      "FailedStep", "A step, and why it failed.", Field("step", \.step, step, "The step."),
      Field("kind", \.failure.kind, .choice("a kind of failure"), "The reason, as a stable keyword."),
      Field(
        "code", \.failure.refusal, optional: Refusal.Code.form,
        "The code of the guard that refuses it."),
      Field("message", \.failure.message, .freeText, "The reason, as a sentence."),
      Field("help", \.failure.help, optional: .freeText, "What to do."),
      Field("took", \.took, .milliseconds, default: .zero, "Milliseconds."),
      make: { step, kind, refusal, message, help, took in
        FailedStep(step: step, failure: HostFailure(kind, message, help: help, refusal: refusal), took: took)
      })
    let found = Form<FoundStep>.record(
      "FoundStep", "A step, and how much of it is done.", Field("step", \.step, step, "The step."),
      Field("finding", \.finding, .choice("a finding"), "How much of it is done."), make: FoundStep.init)
    return .variants(
      "an entry",
      Variant(
        "starting", changed, wrap: { .starting($0.step, as: $0.action) },
        unwrap: {
          if case .starting(let step, let action) = $0 {
            ChangedStep(step: step, action: action)
          } else {
            nil
          }
        }),
      Variant(
        "done", timed, wrap: { .done($0.step, took: $0.took) },
        unwrap: { if case .done(let step, let took) = $0 { TimedStep(step: step, took: took) } else { nil } }),
      Variant(
        "alreadyDone", step, wrap: { .alreadyDone($0) },
        unwrap: { if case .alreadyDone(let step) = $0 { step } else { nil } }),
      Variant(
        "failed", failed, wrap: { .failed($0.step, $0.failure, took: $0.took) },
        unwrap: {
          if case .failed(let step, let failure, let took) = $0 {
            FailedStep(step: step, failure: failure, took: took)
          } else {
            nil
          }
        }),
      Variant(
        "skipped", step, wrap: { .skipped($0) },
        unwrap: { if case .skipped(let step) = $0 { step } else { nil } }),
      Variant(
        "undoing", changed, wrap: { .undoing($0.step, by: $0.action) },
        unwrap: {
          if case .undoing(let step, let action) = $0 { ChangedStep(step: step, action: action) } else { nil }
        }),
      Variant(
        "undone", timed, wrap: { .undone($0.step, took: $0.took) },
        unwrap: {
          if case .undone(let step, let took) = $0 { TimedStep(step: step, took: took) } else { nil }
        }),
      Variant(
        "undoFailed", failed, wrap: { .undoFailed($0.step, $0.failure) },
        unwrap: {
          if case .undoFailed(let step, let failure) = $0 {
            FailedStep(step: step, failure: failure, took: .zero)
          } else {
            nil
          }
        }),
      Variant(
        "found", found, wrap: { .found($0.step, $0.finding) },
        unwrap: {
          if case .found(let step, let finding) = $0 { FoundStep(step: step, finding: finding) } else { nil }
        }),
      Variant(
        "recovering", RecoveryEntry.form, wrap: { .recovering($0.direction, $0.plan, boot: $0.boot) },
        unwrap: {
          if case .recovering(let direction, let plan, let boot) = $0 {
            RecoveryEntry(direction: direction, boot: boot, plan: plan)
          } else {
            nil
          }
        }),
      Variant(
        "recorded", BootChange.form, wrap: { .recorded($0) },
        unwrap: { if case .recorded(let change) = $0 { change } else { nil } }),
      Variant(
        "ended", .choice("an end"), wrap: { .ended($0) },
        unwrap: { if case .ended(let end) = $0 { end } else { nil } }),
      Variant(
        "confirmed", .freeText, wrap: { .confirmed(by: $0) },
        unwrap: { if case .confirmed(let by) = $0 { by } else { nil } }),
      Variant(
        "unconfirmed", .freeText, wrap: { .unconfirmed($0) },
        unwrap: { if case .unconfirmed(let reason) = $0 { reason } else { nil } }))
  }
}

private struct TimedStep: Sendable {
  let step: Step
  let took: Duration
}

private struct ChangedStep: Sendable {
  let step: Step
  let action: Action
}

private struct FailedStep: Sendable {
  let step: Step
  let failure: HostFailure
  let took: Duration
}

private struct FoundStep: Sendable {
  let step: Step
  let finding: FoundState
}

private struct RecoveryEntry: Sendable {
  let direction: RecoveryDirection
  let boot: String?
  let plan: Plan

  static let form = Form<RecoveryEntry>.record(
    "Recovering", "A run that is recovered.",
    Field("direction", \.direction, .choice("a direction"), "The direction."),
    Field("boot", \.boot, optional: .freeText, "The id of the boot."),
    Field("plan", \.plan, Plan.form, "The steps of the recovery."), make: RecoveryEntry.init)
}

extension Form<Duration> {
  fileprivate static let milliseconds = Form(
    schema: Form<Int>.integer(0...Int.max).schema,
    decode: { Form<Int>.integer(0...Int.max).decode($0, &$1).map { .milliseconds($0) } },
    encode: { .integer($0.milliseconds) })
}
