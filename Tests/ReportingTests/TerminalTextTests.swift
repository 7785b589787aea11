import Documents
import TestSupport
import Testing

@testable import Reporting

@Suite("Text on a terminal")
struct TerminalTextTests {
  private let text = "the host loses network connectivity over eth1, which has the default route"

  @Test("is wrapped at words, with a hanging indent, and loses no word", arguments: 1...100)
  func wraps(width: Int) {
    let lines = TextWrap(width: width).text("  " + text, hanging: "  ").split(separator: "\n")
    #expect(lines.flatMap { $0.split(separator: " ") } == text.split(separator: " "))
    for (number, line) in lines.enumerated() {
      #expect(line.hasPrefix(number == 0 ? "  " : "    "))
      #expect(line.count <= width || line.split(separator: " ").count == 1)
    }
  }

  @Test("is broken between two columns without their blanks")
  func columns() {
    #expect(TextWrap(width: 8).text("  one      two", hanging: "  ") == "  one\n    two")
  }

  @Test("is not wrapped in a file")
  func file() {
    #expect(TextWrap(width: nil).text(text) == text)
    var diagnostics = DiagnosticText(style: .plain)
    #expect(diagnostics.text(Diagnostic(.error, code: "x", text + text)).split(separator: "\n").count == 1)
  }

  @Test("is not wrapped if it is as wide as the terminal, whatever its attributes")
  func attributes() {
    let style = Style(isColored: true)
    #expect(TextWrap(width: 7).text(style.red("one") + " " + style.bold("two")).contains("\n") == false)
    #expect(TextWrap(width: 6).text(style.red("one") + " " + style.bold("two")).contains("\n"))
  }

  @Test("is wrapped in diagnostics, with message and help indented")
  func diagnostics() {
    var diagnostics = DiagnosticText(style: .plain, width: 40)
    let lines = diagnostics.text(Diagnostic(.error, code: "x", text, help: text)).split(separator: "\n")
    #expect(lines.count > 4 && lines.allSatisfy { $0.count <= 40 })
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("  ") })
    #expect(lines.contains { $0.hasPrefix("    ") })
  }

  private var table: TextTable {
    var table = TextTable([
      .init(title: "A"), .init(title: "B", dropOrder: 1), .init(title: "C", dropOrder: 2),
      .init(title: "D", isTruncatable: true),
    ])
    table.add(["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddddddddddd"])
    return table
  }

  @Test(
    "lists the columns that a table omits on a narrow terminal",
    arguments: [
      (46, ""), (45, "C"), (36, "C"), (35, "B, C"),
    ])
  func omitted(width: Int, columns: String) {
    let lines = table.text(.plain, width: width).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines[0].contains("C") == !columns.contains("C") && lines[0].contains("B") == !columns.contains("B"))
    let last = lines.dropFirst(2).joined(separator: " ")
    #expect(
      columns.isEmpty ? last.isEmpty : last.contains("left out: \(columns).") && last.contains("--wide"))
  }

  @Test("reports truncated values of a table, which has none without a width")
  func cutValues() {
    #expect(table.text(.plain, width: 20).contains("…"))
    var narrow = TextTable([.init(title: "D", isTruncatable: true)])
    narrow.add(["dddddddddddddddd"])
    #expect(narrow.text(.plain, width: 10).contains("--wide"))
    #expect(!table.text(.plain).contains("--wide") && !table.text(.plain).contains("…"))
  }

  @Test("has colour by the option, then NO_COLOR, then CLICOLOR_FORCE, then the terminal")
  func colors() {
    for isTerminal in [true, false] {
      for term in [nil, "dumb", "xterm"] {
        for noColor in [nil, "", "1"] {
          for force in [nil, "", "0", "1"] {
            let variables = ["TERM": term, "NO_COLOR": noColor, "CLICOLOR_FORCE": force]
            func isColored(_ choice: ColorChoice) -> Bool {
              choice.isColored(isTerminal: isTerminal) { variables[$0] ?? nil }
            }
            #expect(isColored(.always) && !isColored(.never))
            let expected = noColor != "1" && (force == "1" || isTerminal && term == "xterm")
            #expect(isColored(.auto) == expected, "\(variables)")
          }
        }
      }
    }
  }
}
