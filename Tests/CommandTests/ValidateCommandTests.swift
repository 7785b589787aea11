import Foundation
import Testing

@Suite("pcipass validate")
struct ValidateCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("accepts the project's manifests")
  func valid() throws {
    let result = try Pcipass.run("validate", "manifests")
    #expect(result.status == 0)
    #expect(result.output == "Valid: 3 hosts, 4 guests.\n")
  }

  @Test("prints every error of every file, with its line, a caret and a suggestion")
  func errors() throws {
    let result = try Pcipass.run("validate", "Tests/CommandTests/Invalid")
    #expect(result.status == 1)
    #expect(result.output == "")
    try expectGolden(result.error, "validate-errors.txt")
  }

  @Test("prints JSON, with lines and columns counted from 1")
  func json() throws {
    let result = try Pcipass.run("validate", "--format", "json", "Tests/CommandTests/Invalid")
    #expect(result.status == 1)
    try expectGolden(result.output, "validate-errors.json")
  }

  @Test("prints SARIF 2.1.0, with the rule and the position of each error")
  func sarif() throws {
    let result = try Pcipass.run("validate", "--format", "sarif", "Tests/CommandTests/Invalid")
    #expect(result.status == 1)
    try expectGolden(result.output, "validate-errors.sarif")
    #expect(try Pcipass.run("validate", "--format", "sarif", "manifests").output.contains(#""results": []"#))
  }

  @Test("prints GitHub workflow commands, one line for each error, whatever the names contain")
  func github() throws {
    let path = try folder.write("kind: \"a%b\\n::error::x\"\n", to: "a,b:c.yaml")
    let result = try Pcipass.run("validate", "--format", "github", path)
    let lines = result.output.split(separator: "\n")
    #expect(result.status == 1 && !lines.isEmpty)
    #expect(lines.allSatisfy { $0.hasPrefix("::error file=") && $0.contains("a%2Cb%3Ac.yaml,line=1,col=") })
    #expect(!result.output.contains("a%b"))
  }

  @Test("prints the name of --origin in place of the path")
  func origin() throws {
    let path = try folder.write("kind: Hots\n", to: "x.yaml")
    for line in [path, folder.url.path] {
      let error = try Pcipass.run("validate", "--origin", "git:main", line).error
      #expect(error.hasPrefix(line == path ? "git:main:1:" : "git:main/x.yaml:1:"))
    }
    #expect(
      try Pcipass.run("validate", "--origin", "pull/7", "-", input: "kind: Hots\n").error.hasPrefix(
        "pull/7:1:"))
  }

  @Test(
    "reports each kind of invalid input with its code and status 1",
    arguments: [
      ("truncated", "apiVersion: pcipass/v1\nkind: [Host", "yaml-syntax"),
      ("a tab", "apiVersion: pcipass/v1\n\tkind: Host", "yaml-syntax"),
      ("an alias bomb", bomb, "limit"),
      ("an alias of itself", "a: &a [*a]", "yaml-alias"),
      ("a key twice", "kind: Host\nkind: Host", "duplicate-key"),
      ("an unknown kind", "kind: Hots", "bad-value"),
      ("no mapping", "- a\n- b", "wrong-type"),
      ("empty", "", "no-manifest"),
      ("only a comment", "# nothing\n---\n", "no-manifest"),
      ("deep", String(repeating: "[", count: 10_000_000), "limit"),
    ])
  func badInput(what: String, text: String, code: String) throws {
    let path = try folder.write(text, to: "bad.yaml")
    let result = try Pcipass.run("validate", path)
    #expect(result.status == 1)
    #expect(result.error.contains("[\(code)]"), "\(what): \(result.error.prefix(300))")
  }

  @Test("refuses binary and non-UTF-8 files, with the position")
  func binary() throws {
    let path = try folder.write([0x6B, 0x3A, 0x20, 0xFF, 0xFE, 0x00, 0x01], to: "binary.yaml")
    let result = try Pcipass.run("validate", path)
    #expect(result.status == 1)
    #expect(result.error.contains("binary.yaml:1:4: error:"))
  }

  @Test("reports a folder without a manifest, and a missing file")
  func nothing() throws {
    let empty = try Pcipass.run("validate", folder.url.path)
    #expect(empty.status == 1)
    #expect(empty.error.contains("[no-manifest]"))
    let missing = try Pcipass.run("validate", folder.path("missing.yaml"))
    #expect(missing.status == 1)
    #expect(missing.error.contains("No such file or directory"))
  }

  private static let bomb: String = {
    let levels = (1...12).map {
      "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ","))]"
    }
    return "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + levels.joined(separator: "\n")
  }()
}
