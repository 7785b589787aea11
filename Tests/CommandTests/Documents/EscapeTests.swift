import Testing

/// Proves that the checks of code blocks can fail.
@Suite("The checks of code blocks")
struct EscapeTests {
  private static func block(_ language: String, _ marking: [String: String], _ text: String) -> Block {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return Block(language: language, marking: marking, range: 0..<lines.count, lines: lines)
  }

  @Test(
    "refuse a block that is wrong or has an unknown language or marking",
    arguments: [
      ("", [:], "ls"), ("swift", [:], "let a = 1"), ("text", [:], "anything"), ("sh", [:], "ls"),
      ("console", [:], "$ ls"), ("sh", ["parse only": ""], "ls"),
      ("sh", ["parse only": "no reason"], "if ls"),
      ("sh", ["parse only": "root"], "sudo pcipass plan --no-such-option fleet"),
      ("sh", ["parse only": "root"], "pcipass plan fleet |\n  pcipass paln"),
      ("console", ["parse only": "root"], "output alone"), ("text", ["in": "Package.swift"], "not in there"),
      ("yaml", [:], "a: [1"), ("yaml", [:], "apiVersion: pcipass/v1\nkind: Host"),
      ("yaml", ["fragment": "host NICs"], "- name: lan"), ("yaml", ["fragment": "something"], "- name: lan"),
      ("yaml", [:], "jobs:\n  - run: pcipass valdate fleet"), ("json", [:], "{"), ("xml", [:], "<a>"),
      ("ini", [:], "no key"), ("ini", [:], "[Service]\nExecStart=/usr/local/sbin/pcipass aply fleet"),
      ("mermaid", [:], "pie"), ("sh", ["prase only": "mistyped"], "ls"), ("console", ["exit": "one"], "$ ls"),
    ] as [(String, [String: String], String)])
  func wrong(language: String, marking: [String: String], text: String) throws {
    let block = Self.block(language, marking, text)
    #expect(throws: Failure.self) {
      try BlockCheck.checkMarking(block)
      do { try BlockCheck.check(block) } catch { throw Failure("\(error)") }
    }
  }

  @Test("find the command lines of pcipass in shell scripts and units")
  func commands() {
    let text = """
      # pcipass plan in a comment
      sudo pcipass plan fleet --out 'a plan' 2> errors | tee log; /usr/local/sbin/pcipass confirm
      ExecStart=/usr/local/sbin/pcipass apply fleet --yes
      qemu $(pcipass render probe fleet --qemu) -m 1
      """
    #expect(
      commandLines(in: text) == [
        ["plan", "fleet", "--out", "a plan"], ["confirm"], ["apply", "fleet", "--yes"],
        ["render", "probe", "fleet", "--qemu"],
      ])
  }

  @Test("find the command lines of pcipass in YAML, but not in prose")
  func commandsInYAML() {
    let text = """
      apiVersion: pcipass/v1
      description: says what pcipass status says
      run: pcipass validate fleet
      steps:
        - run: pcipass plan fleet \\
            --state captures > plan.md
        - pcipass confirm
        - make && pcipass history
        - |
          pcipass show 1
      """
    #expect(
      commandLines(in: text, ofYAML: true) == [
        ["validate", "fleet"], ["plan", "fleet", "--state", "captures"], ["confirm"], ["history"],
        ["show", "1"],
      ])
  }

  @Test("compare the printed and the shown output, except for times and omitted lines")
  func comparison() throws {
    let shown = try Exchange.all(of: Self.block("console", [:], "$ pcipass apply x\nfirst\n…\ndone in 4 ms"))
    #expect(shown.count == 1)
    #expect(shown[0].shows(["first", "second", "third", "done in 1.3 s"]))
    #expect(shown[0].shows(["first", "done in 9 ms"]))
    #expect(!shown[0].shows(["first", "done in 9 ms", "and more"]))
    #expect(!shown[0].shows(["second", "done in 9 ms"]))
  }
}
