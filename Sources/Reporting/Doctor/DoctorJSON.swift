import Documents
import HostModel
import Planning

/// The result of `pcipass doctor` as JSON.
public enum DoctorJSON {
  /// The document of the kind `Diagnosis`.
  public static let form = OutputForm<Diagnosis>.document(
    kind: "Diagnosis", "Whether a host supports NIC passthrough.", host: \.host,
    [
      OutputField("counts", \.checks, counts, "The numbers of checks by severity."),
      OutputField("checks", \.checks, .list(of: check), "The checks, by section."),
    ])

  private static let counts = OutputForm<[Check]>.record(
    "Counts", "The numbers of checks by severity.",
    Check.Level.allCases.map { severity in
      OutputField(
        severity.rawValue, { checks in checks.count { $0.severity == severity } }, .count,
        "The number of checks of this severity.")
    })

  private static let check = OutputForm<Check>.record(
    "Check", "The result of a check.",
    [
      OutputField("section", \.code.section, .choice(), "The section, as a stable keyword."),
      OutputField("check", \.code.check, .choice(), "What the check looks at, as a stable keyword."),
      OutputField("severity", \.severity, .choice(), "How bad the finding is; ok where the check passed."),
      OutputField(
        "code", \.code, .choice(),
        "The problem that was found or, where the check passed or could not be made, that it looks for."),
      OutputField("message", \.message, .text, "The result as a sentence."),
      OutputField("details", \.details, .list(of: .text), "The evidence, as text for people."),
      OutputField("help", \.help, optional: .text, "The command to type, or what else to do."),
    ])
}
