import Foundation

/// A Markdown document of this project: its lines, its fenced blocks and its links.
struct Document {
  /// The path from the project's folder, such as `docs/usage.md`.
  let path: String
  var lines: [String]

  /// The paths of README.md, CONTRIBUTING.md and all documents in docs/.
  static let paths: [String] = {
    let below = FileManager.default.enumerator(atPath: Pcipass.root.appending(path: "docs").path)
    let names = (below?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".md") }
    return ["README.md", "CONTRIBUTING.md"] + names.map { "docs/" + $0 }.sorted()
  }()

  init(_ path: String) throws {
    self.path = path
    lines = try String(contentsOf: Self.url(path), encoding: .utf8).components(separatedBy: "\n")
  }

  static func url(_ path: String) -> URL { Pcipass.root.appending(path: path) }

  func write() throws {
    try Data(lines.joined(separator: "\n").utf8).write(to: Self.url(path))
  }
}

/// A fenced block, and the marking in the comment on the line before it:
/// `<!-- run: seed/cold, exit: 1 -->`. CONTRIBUTING.md lists the markings.
struct Block {
  let language: String
  let marking: [String: String]
  /// The range of the lines between the fences.
  let range: Range<Int>
  let lines: [String]

  /// The number of the line with the opening fence, counted from 1.
  var line: Int { range.lowerBound }
  var isManifest: Bool { lines.contains("apiVersion: pcipass/v1") }
  var text: String { lines.map { $0 + "\n" }.joined() }
}

extension Document {
  var blocks: [Block] {
    var blocks: [Block] = []
    var opening: (line: Int, fence: Substring)?
    for (number, line) in lines.enumerated() {
      if let begun = opening {
        guard line == begun.fence else { continue }
        blocks.append(block(begun.line + 1..<number))
        opening = nil
      } else if let fence = line.prefixMatch(of: /```+|~~~+/) {
        opening = (number, fence.output)
      }
    }
    return blocks
  }

  private func block(_ range: Range<Int>) -> Block {
    let fence = lines[range.lowerBound - 1]
    var before = range.lowerBound - 2
    while before >= 0, lines[before].isEmpty { before -= 1 }
    return Block(
      language: String(fence.drop { $0 == "`" || $0 == "~" }),
      marking: before < 0 ? [:] : Self.marking(lines[before]), range: range, lines: Array(lines[range]))
  }

  private static func marking(_ line: String) -> [String: String] {
    guard let comment = line.wholeMatch(of: /<!-- (.+) -->/)?.output.1 else { return [:] }
    // The reason of "parse only" may contain commas.
    let parts = comment.hasPrefix("parse only:") ? [comment[...]] : comment.split(separator: ", ")
    return Dictionary(
      parts.map { part in
        let key = part.prefix { $0 != ":" }
        return (String(key), part.dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces))
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The lines of prose without their code spans, in which a link would not be a link.
  private var prose: [(number: Int, text: String)] {
    let code = blocks.map { $0.range.lowerBound - 1...$0.range.upperBound }
    return lines.enumerated().filter { line in !code.contains { $0.contains(line.offset) } }
      .map { ($0.offset, $0.element.replacing(/`[^`]*`/, with: "")) }
  }

  /// The links to files of the project, with their lines.
  var links: [(line: Int, target: String)] {
    prose.flatMap { number, text in
      text.matches(of: /\]\(([^)\s]+)\)/).map { (number + 1, String($0.output.1)) }
    }.filter { !$0.1.contains("://") }
  }

  /// The anchors of the headings on GitHub.
  var anchors: Set<String> {
    let code = blocks.map(\.range)
    var seen: [String: Int] = [:]
    var anchors: Set<String> = []
    for (number, line) in lines.enumerated()
    where line.hasPrefix("#") && !code.contains(where: { $0 ~= number }) {
      let title = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
      let anchor = title.replacing(" ", with: "-").filter {
        $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_"
      }
      let count = seen[anchor, default: 0]
      seen[anchor] = count + 1
      anchors.insert(count == 0 ? anchor : "\(anchor)-\(count)")
    }
    return anchors
  }
}
