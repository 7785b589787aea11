import Foundation
import TestSupport
import Testing

@Suite("Output that cannot be written")
struct LostOutputTests {
  private let folder: TemporaryFolder
  private let host: String

  init() throws {
    folder = try TemporaryFolder()
    host = try folder.simulated("hv01")
  }

  private func shell(_ line: String) throws -> CommandTests.Pcipass.Result {
    let script = "pcipass() { '\(CommandTests.Pcipass.binary.path)' \"$@\"; }\n\(line)"
    return try CommandTests.Pcipass.run(["-c", script], executable: URL(filePath: "/bin/bash"))
  }

  @Test(
    "is an error of each command that only prints",
    arguments: [
      "--version", "--help", "help plan", "plan manifests HOST", "plan manifests --format json HOST",
      "status manifests HOST", "devices HOST", "doctor HOST", "explain lan manifests HOST", "history HOST",
      "graph HOST", "snapshot HOST", "import HOST", "schema host", "completion bash", "validate manifests",
      "render winxp manifests --xml Tests/CommandTests/Golden/render-winxp.xml HOST",
    ])
  func full(line: String) throws {
    let words = line.replacing("HOST", with: "--simulate '\(host)'")
    let result = try shell("pcipass \(words) > /dev/full")
    #expect(result.status != 0)
    #expect(result.error.contains("[unwritable]"))
  }

  @Test(
    "is an error as closed input is one, which is not waited for", arguments: ["validate -", "plan - HOST"])
  func closedInput(line: String) throws {
    let words = line.replacing("HOST", with: "--simulate '\(host)'")
    let result = try shell("timeout 20 '\(CommandTests.Pcipass.binary.path)' \(words) <&-")
    #expect(result.status == 1)
    #expect(result.error.contains("[unreadable]"))
  }

  @Test("does not stop an apply, which reports the error at its end")
  func apply() throws {
    let result = try shell("pcipass apply manifests --yes --simulate '\(host)' > /dev/full")
    #expect(result.status == 0 && result.error.contains("[unwritable]"))
    #expect(
      try CommandTests.Pcipass.run("plan", "manifests", "--detailed-exitcode", "--simulate", host).status == 0
    )
  }

  @Test("is not an error if the reader has closed the pipe")
  func pipe() throws {
    let result = try shell("set -o pipefail; pcipass devices --all --simulate '\(host)' | true")
    #expect(result.error == "")
  }
}
