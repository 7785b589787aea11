import Documents
import HostModel
import Planning

/// The result of `pcipass doctor` as JSON. Later versions may add keys and remove none.
public enum DoctorJSON {
  /// The document of the kind `Diagnosis`.
  public static func text(_ diagnosis: Diagnosis) -> String {
    JSON.object([
      .init("apiVersion", .string(HostState.version)), .init("kind", .string("Diagnosis")),
      .init("host", .string(diagnosis.host)), .init("counts", counts(diagnosis.checks)),
      .init("checks", .array(diagnosis.checks.map(json))),
    ]).text + "\n"
  }

  private static func counts(_ checks: [Check]) -> JSON {
    .object(
      Check.Level.allCases.map { severity in
        .init(severity.rawValue, .integer(checks.count { $0.severity == severity }))
      })
  }

  private static func json(_ check: Check) -> JSON {
    .object(
      [
        .init("section", .string(check.code.section.rawValue)), .init("code", .string(check.code.rawValue)),
        .init("severity", .string(check.severity.rawValue)), .init("message", .string(check.message)),
        .init("details", .array(check.details.map(JSON.string))),
      ] + (check.help.map { [JSON.Member("help", .string($0))] } ?? []))
  }
}
