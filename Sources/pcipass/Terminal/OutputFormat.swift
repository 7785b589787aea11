import Documents

/// The formats that commands print in.
enum OutputFormat: String, Sendable {
  case text, json, csv, markdown, mermaid, dot, svg, sarif, github
}

/// What a command prints, by format: a closure for each that `--format` of the command accepts.
struct Rendering {
  typealias Print = () throws -> String

  var text: Print
  var json: Print?
  var csv: Print?
  var markdown: Print?
  var mermaid: Print?
  var dot: Print?
  var svg: Print?
  var sarif: Print?
  var github: Print?

  func string(as format: OutputFormat) throws -> String {
    let string: Print? =
      switch format {
      case .text: text
      case .json: json
      case .csv: csv
      case .markdown: markdown
      case .mermaid: mermaid
      case .dot: dot
      case .svg: svg
      case .sarif: sarif
      case .github: github
      }
    guard let string else {
      throw Diagnostics(code: "internal", "format \(format.rawValue) is missing")
    }
    return try string()
  }
}

extension Terminal {
  func write(_ rendering: Rendering, as format: OutputFormat) throws {
    write(product: try rendering.string(as: format))
  }
}
