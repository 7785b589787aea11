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
    if let place = diagnostic.place { members += position(place) }
    if let related = diagnostic.related { members.append(JSON.Member("related", .object(position(related)))) }
    if let help = diagnostic.help { members.append(JSON.Member("help", .string(help))) }
    return .object(members)
  }

  private static func position(_ place: Place) -> [JSON.Member] {
    [
      JSON.Member("file", .string(place.source.name)), JSON.Member("line", .integer(place.line)),
      JSON.Member("column", .integer(place.column)),
      JSON.Member("endColumn", .integer(place.column + place.length)),
    ]
  }
}
