import Documents
import Execution
import Files
import HostModel
import Planning

/// The findings of one NIC or of the host, with the dates and subjects that the document adds.
struct FindingsOutput: Sendable {
  let findings: StatusFindings
  /// The key of the subject in the memory.
  let subject: String
  let address: PCIAddress?
  let subjects: PlanSubjects
  let memory: DriftMemory?

  private var differences: [DatedDifference] {
    findings.differences.map { difference in
      DatedDifference(
        difference: difference, guest: difference.guest.map { subjects.labels.reference($0) },
        since: memory?.since(difference, of: subject))
    }
  }

  private var refusals: [DatedRefusal] {
    findings.refusals.map { refusal in
      DatedRefusal(
        refusal: subjects.described(refusal, address), since: memory?.since(refusal, of: subject))
    }
  }

  /// The keys of the findings. The document of a NIC contains them too.
  static let fields: [OutputField<FindingsOutput>] = [
    OutputField("differences", \.differences, .list(of: DatedDifference.form), "What a plan would change."),
    OutputField("refusals", \.refusals, .list(of: DatedRefusal.form), "Why a plan would be refused."),
    OutputField(
      "notices", { output in output.findings.notices.map { output.subjects.described($0) } },
      .list(of: Notice.form.output), "Information that needs no step."),
  ]

  static let form = OutputForm.record("Findings", "The findings.", fields)
}

/// A difference, and when it was first seen.
private struct DatedDifference: Sendable {
  let difference: Difference
  let guest: GuestReference?
  let since: Timestamp?

  static let form = OutputForm<DatedDifference>.record(
    "Difference", "A difference between the manifests and the host.",
    [
      OutputField("what", \.difference.category, .choice(), "What differs, as a stable keyword."),
      OutputField("guest", \.guest, optional: GuestReference.form.output, "The guest that differs."),
      OutputField("desired", \.difference.desired, .text, "What the manifests declare, as text for people."),
      OutputField("observed", \.difference.observed, .text, "What the host has instead, as text for people."),
      OutputField("because", \.difference.because, .text, "The reason as a sentence."),
      OutputField("since", \.since, optional: .moment, "When it was first seen, where that is recorded."),
      OutputField(
        "steps", \.difference.steps, .list(of: .text), "The ids of the plan's steps that would remove it."),
    ])
}

/// A refusal, and when it was first seen.
private struct DatedRefusal: Sendable {
  let refusal: Described<Refusal>
  let since: Timestamp?

  static let form = Refusal.form.output.extended(
    as: "DatedRefusal", { (dated: DatedRefusal) in dated.refusal },
    [OutputField("since", \.since, optional: .moment, "When it was first seen, where that is recorded.")])
}

extension OutputForm<Timestamp> {
  /// A moment in the notation of RFC 3339, in UTC, with milliseconds.
  static let moment = Form<Timestamp>.moment.output
}
