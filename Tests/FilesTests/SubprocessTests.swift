import Files
import SystemPackage
import TestSupport
import Testing

@Suite struct `Running a program` {
  func run(_ arguments: String..., within deadline: Duration = .seconds(20)) throws(SubprocessFailure)
    -> String
  {
    let output = try Subprocess.output("/bin/sh", ["-c"] + arguments, upTo: 100_000, within: deadline)
    return String(decoding: output, as: UTF8.self)
  }

  func reason(_ command: String, within deadline: Duration = .seconds(20)) throws -> String {
    try #require(throws: SubprocessFailure.self) { try run(command, within: deadline) }.reason
  }

  @Test func `standard output is returned, with LC_ALL=C and an empty standard input`() throws {
    #expect(try run("cat; echo $LC_ALL; echo lost >&2") == "C\n")
    #expect(try run("i=0; while [ $i -lt 20000 ]; do echo x; i=$((i+1)); done").utf8.count == 40_000)
  }

  @Test func `a program that fails, prints too much or is missing is an error`() throws {
    #expect(try reason("echo half; exit 3").names("3"))
    #expect(try reason("while :; do echo x; done").names("100000"))
    let missing = try #require(throws: SubprocessFailure.self) {
      try Subprocess.output("/nowhere", [], upTo: 1, within: .seconds(1))
    }
    #expect(missing.reason == Errno.noSuchFileOrDirectory.description)
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["exec sleep 60", "exec >&-; exec sleep 60"])
  func `a program that does not end in time is given up`(_ command: String) throws {
    let start = ContinuousClock.now
    _ = try reason(command, within: .milliseconds(200))
    #expect(ContinuousClock.now - start < .seconds(10))
  }
}
