import Documents

/// Diagnostics as JSON for editors and CI. Lines and columns count from 1.
public enum DiagnosticJSON {
  /// The result of `pcipass validate`.
  ///
  /// - Parameter documents: the number of documents that were read.
  public static func validation(_ diagnostics: [Diagnostic], documents: Int) -> JSON {
    .object([
      JSON.Member("apiVersion", .string("pcipass/v1")), JSON.Member("kind", .string("Validation")),
      JSON.Member("valid", .boolean(!diagnostics.hasErrors)),
      JSON.Member("documents", .integer(documents)),
      JSON.Member("diagnostics", .array(diagnostics.map(json))),
    ])
  }

  private static func json(_ diagnostic: Diagnostic) -> JSON {
    var members = [
      JSON.Member("severity", .string(diagnostic.severity.rawValue)),
      JSON.Member("code", .string(diagnostic.code)), JSON.Member("message", .string(diagnostic.message)),
    ]
    if let location = diagnostic.location { members += position(location) }
    if let related = diagnostic.related { members.append(JSON.Member("related", .object(position(related)))) }
    if let help = diagnostic.help { members.append(JSON.Member("help", .string(help))) }
    return .object(members)
  }

  private static func position(_ location: SourceLocation) -> [JSON.Member] {
    [
      JSON.Member("file", .string(location.source.name)), JSON.Member("line", .integer(location.line)),
      JSON.Member("column", .integer(location.column)),
      JSON.Member("endColumn", .integer(location.column + location.length)),
    ]
  }
}
