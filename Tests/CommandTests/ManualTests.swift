import Foundation
import Reporting
import Testing

@testable import pcipass

@Suite("Manual pages")
struct ManualTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ program: String, _ arguments: String...) throws -> Pcipass.Result {
    try Pcipass.run(arguments, environment: ["LC_ALL": "C.UTF-8"], executable: URL(filePath: program))
  }

  @Test("exist for pcipass and for each listed command")
  func pages() throws {
    #expect(try Pcipass.run("man", "--out", folder.url.path).status == 0)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(Set(files) == Set(["pcipass.8"] + HelpTests.commands.map { "pcipass-\($0).8" }))
  }

  @Test("pass groff and mandoc without warnings", arguments: HelpTests.commands + [nil])
  func isWellFormed(command: String?) throws {
    let text = try Pcipass.run(["man"] + [command].compactMap { $0 }).output
    let page = try folder.write(text, to: "page.8")
    let groff = try run("/usr/bin/groff", "-man", "-ww", "-z", "-Tutf8", page)
    #expect(groff.status == 0)
    #expect(groff.error == "")
    // The pages have no date, because pcipass itself has none.
    let complaints = try run("/usr/bin/mandoc", "-T", "lint", "-W", "style", page).output.split(
      separator: "\n"
    )
    .filter { !$0.contains("missing date") }
    #expect(complaints == [])
  }

  @Test("describe each option as --help does, and have all sections", arguments: HelpTests.commands)
  func content(command: String) throws {
    let page = try folder.write(try Pcipass.run("man", command).output, to: "page.8")
    let text = try run("/usr/bin/mandoc", "-T", "utf8", "-O", "width=200", page).output
      .replacing(/.\u{8}/, with: "")
    for heading in [
      "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "EXAMPLES", "SEE ALSO",
    ] {
      #expect(text.contains("\n\(heading)\n"), "\(heading)")
    }
    #expect(text.contains("pcipass-\(command) - "))
    let words = Self.words(text)
    let declaration = try #require(pcipass.Pcipass.declaration?[command])
    for argument in declaration.arguments
    where argument.isShown && argument.names != ["-h", "--help", "-help"] {
      for name in argument.names { #expect(words.contains(name)) }
      #expect(words.contains(Self.words(argument.help)))
    }
    for example in declaration.discussion.examples { #expect(words.contains(Self.words(example.line))) }
  }

  /// Returns the text with one space in place of line ends and repeated spaces.
  private static func words(_ text: String) -> String {
    text.split { $0.isWhitespace }.joined(separator: " ")
  }

  @Test("do not exist for an unknown command")
  func unknown() throws { #expect(try Pcipass.run("man", "nonsense").status == 64) }

  @Test("escape roff requests in the texts of a command")
  func hostile() throws {
    let text = ".so /etc/passwd \\fBbold\\fR 'quoted' \\\"a\\\" -x `^~ \\n(.g …"
    let json = #"""
      {"command": {"commandName": "pcipass", "abstract": "A.", "shouldDisplay": true, "subcommands": [{
        "commandName": "x", "abstract": TEXT, "discussion": TEXT, "shouldDisplay": true, "arguments": [
          {"kind": "option", "names": [{"kind": "long", "name": "a"}], "valueName": TEXT, "abstract": TEXT,
           "shouldDisplay": true}]}]}}
      """#.replacing(
        "TEXT", with: "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"")
    let root = try #require(CommandDeclaration(dump: json))
    let page = try folder.write(ManualPage(of: root["x"], in: root, version: "1").text(), to: "page.8")
    let shown = try run("/usr/bin/mandoc", "-T", "utf8", "-O", "width=200", page).output.replacing(
      /.\u{8}/, with: "")
    #expect(shown.ranges(of: text).count == 4)
    #expect(try run("/usr/bin/groff", "-man", "-ww", "-z", "-Tutf8", page).error == "")
  }
}
