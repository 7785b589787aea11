import Documents

/// Diagnostics as SARIF 2.1.0, which code scanning services show beside the lines
/// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
public enum DiagnosticSARIF {
  /// A complete log of one run.
  ///
  /// - Parameter version: the version of pcipass.
  public static func text(_ diagnostics: [Diagnostic], version: String) -> String {
    let codes = Set(diagnostics.map(\.code)).sorted()
    let rules = codes.map { JSON.object([.init("id", .string($0))]) }
    let driver = JSON.object([
      .init("name", .string("pcipass")), .init("version", .string(version)), .init("rules", .array(rules)),
    ])
    let run = JSON.object([
      .init("tool", .object([.init("driver", driver)])),
      // Without this property, SARIF counts columns in UTF-16 code units.
      .init("columnKind", .string("unicodeCodePoints")),
      .init("results", .array(diagnostics.map(result))),
    ])
    let log = JSON.object([
      .init("$schema", .string("https://json.schemastore.org/sarif-2.1.0.json")),
      .init("version", .string("2.1.0")), .init("runs", .array([run])),
    ])
    return log.text + "\n"
  }

  private static func result(_ diagnostic: Diagnostic) -> JSON {
    let origin = diagnostic.location?.source.origin
    let message =
      diagnostic.message + (origin.map { " (rendered from \($0))" } ?? "")
      + (diagnostic.help.map { " (help: \($0))" } ?? "")
    var members: [JSON.Member] = [
      .init("ruleId", .string(diagnostic.code)), .init("level", .string(diagnostic.severity.rawValue)),
      .init("message", .object([.init("text", .string(message))])),
    ]
    if let location = diagnostic.location {
      members.append(.init("locations", .array([.object([physical(location)])])))
    }
    let related =
      (diagnostic.related.map { [(physical($0), "the other location")] } ?? [])
      + (origin.map { [(physical($0), "rendered from")] } ?? [])
    if !related.isEmpty {
      members.append(
        .init(
          "relatedLocations",
          .array(
            related.map { location, message in
              .object([location, .init("message", .object([.init("text", .string(message))]))])
            })))
    }
    return .object(members)
  }

  private static func physical(_ location: SourceLocation) -> JSON.Member {
    physical(
      location.source.name,
      [
        .init("startLine", .integer(location.line)), .init("startColumn", .integer(location.column)),
        .init("endColumn", .integer(location.column + location.length)),
      ])
  }

  private static func physical(_ origin: RenderedOrigin) -> JSON.Member {
    physical(origin.file, [.init("startLine", .integer(origin.line))])
  }

  private static func physical(_ file: String, _ region: [JSON.Member]) -> JSON.Member {
    let artifact = JSON.object([.init("uri", .string(uri(of: file)))])
    return .init(
      "physicalLocation", .object([.init("artifactLocation", artifact), .init("region", .object(region))]))
  }

  /// The path as a URI reference (RFC 3986): characters other than letters, digits, `/`, `.`, `_`,
  /// `-` and `~` are percent-encoded.
  private static func uri(of path: String) -> String {
    let encoded = path.utf8.reduce(into: "") { result, byte in
      let isPlain =
        byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
        || "/._-~".utf8.contains(byte)
      let digits = String(byte, radix: 16, uppercase: true)
      result +=
        isPlain ? String(UnicodeScalar(byte)) : "%" + (digits.utf8.count == 1 ? "0" : "") + digits
    }
    return path.hasPrefix("/") ? "file://" + encoded : encoded
  }
}
