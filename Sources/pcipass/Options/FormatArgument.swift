import ArgumentParser

/// The formats that `--format` of a command accepts.
protocol AcceptedFormats: Sendable {
  static var all: [OutputFormat] { get }
}

enum TextOrJSON: AcceptedFormats {
  static let all: [OutputFormat] = [.text, .json]
}

/// The value of `--format`: one of the formats that the command accepts.
struct FormatArgument<Accepted: AcceptedFormats>: ExpressibleByArgument, Sendable {
  let format: OutputFormat

  static var text: Self { Self(format: .text) }

  private init(format: OutputFormat) { self.format = format }

  init?(argument: String) {
    guard let format = OutputFormat(rawValue: argument), Accepted.all.contains(format) else { return nil }
    self.format = format
  }

  var isText: Bool { format == .text }

  /// Throws if a question would interrupt a document.
  func check(yes: Bool) throws {
    if !isText, !yes { throw ValidationError("--format \(format.rawValue) cannot prompt: add --yes") }
  }

  // The parser shows these values like those of an enumeration.
  var defaultValueDescription: String { format.rawValue }
  static var allValueStrings: [String] { Accepted.all.map(\.rawValue) }
  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
