import Documents
import Planning

/// Diagnostics as JSON for editors and CI. Lines and columns count from 1.
public enum DiagnosticJSON {
  struct Validation: Sendable {
    var documents: Int
    var diagnostics: [Diagnostic]
  }

  /// The result of `pcipass validate`: the document of the kind `Validation`.
  ///
  /// - Parameter documents: the number of documents that were read.
  public static func validation(_ diagnostics: [Diagnostic], documents: Int) -> String {
    validationForm.encode(Validation(documents: documents, diagnostics: diagnostics)).text + "\n"
  }

  /// The JSON Schema of the document.
  public static let validationSchema = validationForm.schema

  static let validationForm = OutputForm<Validation>.document(
    kind: "Validation", "The errors of manifests.",
    [
      OutputField("valid", { !$0.diagnostics.hasErrors }, .boolean, "Whether there are no errors."),
      OutputField("documents", \.documents, .count, "The number of documents that were read."),
      OutputField("diagnostics", \.diagnostics, .list(of: form), "The errors, warnings and notes."),
    ])

  static let form = OutputForm<Diagnostic>.record(
    "Diagnostic", "An error, a warning or a note.",
    [
      OutputField("severity", \.severity, .choice(), "Whether it stops the command."),
      OutputField("code", \.code, .text, "The reason, as a stable keyword."),
      OutputField("message", \.message, .text, "The reason, as a sentence."),
    ] + location.map { $0.at(optional: \.location) } + [
      OutputField(
        "related", \.related, optional: .record("RelatedLocation", "A second location.", location),
        "A second location that the message refers to."),
      OutputField(
        "hosts", \.hosts, optional: .list(of: .text),
        "The only hosts that it concerns; absent where it may concern every host."),
      OutputField("help", \.help, optional: .text, "What to do about it."),
    ])

  private static let location: [OutputField<SourceLocation>] = [
    OutputField("file", \.source.name, .text, "The file."),
    OutputField("line", \.line, .count, "The line, from 1."),
    OutputField("column", \.column, .count, "The column, from 1."),
    OutputField("endColumn", { $0.column + $0.length }, .count, "The column after the last character."),
    OutputField(
      "renderedFrom", { $0.source.origin?.description }, optional: .text,
      "The source that the document was rendered from, as its annotation pcipass/origin says: FILE:LINE."),
  ]
}

/// What a command with `--format json` prints where it fails.
public enum FailureJSON {
  struct Document: Sendable {
    var refusals: [Described<Refusal>]
    var diagnostics: [Diagnostic]
    var exitStatus: Int
  }

  /// The document of the kind `Failure`.
  public static func text(
    _ refusals: [Described<Refusal>], _ diagnostics: [Diagnostic], _ exitStatus: Int32
  ) -> String {
    let document = Document(refusals: refusals, diagnostics: diagnostics, exitStatus: Int(exitStatus))
    return form.encode(document).text + "\n"
  }

  /// The JSON Schema of the document.
  public static let schema = form.schema

  static let form = OutputForm<Document>.document(
    kind: "Failure", "Why a command failed.",
    [
      OutputField("exitStatus", \.exitStatus, .count, "The exit status of the command."),
      OutputField("refusals", \.refusals, .list(of: Refusal.form.output), "What the guards refuse."),
      OutputField(
        "diagnostics", \.diagnostics, .list(of: DiagnosticJSON.form), "The errors, warnings and notes."),
    ])
}
