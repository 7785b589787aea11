/// The long help of a command: paragraphs, then sections with a heading in capitals (`EXIT STATUS:`,
/// `EXAMPLES:`) and indented lines.
public struct Discussion: Sendable {
  /// A command line with its comment.
  public struct Example: Sendable, Equatable {
    /// The command line to type.
    public let line: String
    public let comment: String?
  }

  public private(set) var paragraphs: [String] = []
  private(set) var exitStatus: [String] = []
  /// The lines of all sections other than `EXIT STATUS`.
  public private(set) var examples: [Example] = []

  /// Parses the text of a command's help. Lines that start with two spaces belong to the last heading.
  public init(_ text: String) {
    var heading: Substring?
    for line in text.split(separator: "\n") {
      if let title = Self.heading(line) {
        heading = title
      } else if line.hasPrefix("  ") {
        let words = String(line.drop { $0 == " " })
        if heading == "EXIT STATUS" { exitStatus.append(words) } else { examples.append(Example(words)) }
      } else {
        paragraphs.append(String(line))
      }
    }
  }

  private static func heading(_ line: Substring) -> Substring? {
    guard line.last == ":", line.allSatisfy({ $0.isUppercase || $0 == " " || $0 == ":" }) else { return nil }
    return line.dropLast()
  }
}

extension Discussion.Example {
  /// At least two spaces separate the command from its comment.
  fileprivate init(_ text: String) {
    guard let gap = text.firstRange(of: "  ") else {
      self.init(line: text, comment: nil)
      return
    }
    let comment = text[gap.upperBound...].drop { $0 == " " }
    self.init(line: String(text[..<gap.lowerBound]), comment: String(comment))
  }
}
