import ArgumentParser
import Foundation
import Reporting
import TestSupport
import Testing

@testable import pcipass

/// Tests the help of every listed command.
@Suite("Help")
struct HelpTests {
  /// The alias avoids a conflict with the type `Pcipass` of these tests.
  private typealias Parser = pcipass.Pcipass

  static let commands = (Parser.declaration?.shownCommands ?? []).map(\.name)

  private func declaration(_ command: String) throws -> CommandDeclaration {
    try #require(Parser.declaration?[command])
  }

  @Test("lists more than 10 commands") func some() { #expect(Self.commands.count > 10) }

  @Test("has the exit statuses and examples of the command", arguments: commands)
  func headings(command: String) throws {
    let help = try Pcipass.run("help", command)
    #expect(help.status == 0)
    let lines = help.output.split(separator: "\n")
    #expect(lines.contains("EXIT STATUS:"))
    #expect(lines.contains("EXAMPLES:"))
    let examples = try declaration(command).discussion.examples
    #expect(examples.contains { $0.line.contains("pcipass \(command)") })
    for example in examples {
      let isInOneLine = lines.contains {
        $0.hasPrefix("  " + example.line) && $0.hasSuffix(example.comment ?? "")
      }
      #expect(isInOneLine, "\(example.line) is wrapped: it has more than 80 characters")
    }
  }

  @Test("has examples that are valid command lines", arguments: commands + [nil])
  func examples(command: String?) throws {
    let discussion = try command.map { try declaration($0).discussion } ?? Parser.declaration?.discussion
    for example in try #require(discussion).examples {
      let typed = try #require(example.line.firstRange(of: "pcipass "), "\(example.line)")
      let words = example.line[typed.upperBound...].prefix { !"|>)".contains($0) }.split(separator: " ").map(
        String.init)
      #expect(throws: Never.self, "\(example.line)") { try Parser.parseAsRoot(words) }
    }
  }

  @Test("has the same kind and names of an option in every command")
  func consistency() throws {
    var known: [String: (kind: CommandDeclaration.Argument.Kind, names: [String])] = [:]
    for command in Self.commands {
      for argument in try declaration(command).arguments {
        #expect(!argument.help.isEmpty || argument.names.contains("--help"), "\(command): \(argument.names)")
        for name in argument.names {
          let first = known[name] ?? (argument.kind, argument.names)
          #expect(first.kind == argument.kind && first.names == argument.names, "\(command): \(name)")
          known[name] = first
        }
        if argument.names == ["--format"] {
          #expect(argument.defaultValue == "text" && argument.values.first == "text", "\(command)")
        }
      }
    }
  }

  @Test(
    "suggests the nearest command for a mistyped one",
    arguments: [["aply"], ["help", "aply"], ["aply", "fleet/", "--yes"]])
  func suggestion(words: [String]) throws {
    let result = try Pcipass.run(words)
    #expect(result.status == 64)
    #expect(result.output == "")
    #expect(result.error.names("pcipass apply"))
  }

  @Test("suggests no command if none is near, and no hidden command")
  func noSuggestion() throws {
    for word in ["xyzzy", "wach", "--hlep", ""] {
      #expect(try !Pcipass.run(word).error.contains("  help: "), "\(word)")
    }
    #expect(try Pcipass.run("plan", "--targt", "nic/lan").error.contains("'--target'"))
  }
}
