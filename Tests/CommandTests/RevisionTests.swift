import Foundation
import TestSupport
import Testing

@Suite("The revision of manifests")
struct RevisionTests {
  private let folder: TemporaryFolder
  private let host: String

  init() throws {
    folder = try TemporaryFolder()
    host = try folder.simulated("hv01")
  }

  /// Creates a Git checkout with the project's manifests, as one commit.
  private func checkout() throws -> (path: String, commit: String) {
    let path = folder.path("fleet")
    let script =
      """
      set -e
      mkdir '\(path)'
      cp -r manifests/hosts manifests/guests '\(path)'
      cd '\(path)'
      git init --quiet
      git -c user.name=x -c user.email=x@x add .
      git -c user.name=x -c user.email=x@x commit --quiet --message x
      git rev-parse HEAD
      """
    let result = try Pcipass.run(["-c", script], executable: URL(filePath: "/bin/bash"))
    try #require(result.status == 0, "\(result.error)")
    return (path, result.output.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  private func run(_ words: String...) throws -> Pcipass.Result {
    try Pcipass.run(words + ["--simulate", host])
  }

  @Test("is read from the checkout, and shown by plan, history, show, explain and metrics")
  func found() throws {
    let (path, commit) = try checkout()
    #expect(try run("plan", path, "--format", "json").output.contains("\"revision\": \"\(commit)\""))
    #expect(try run("apply", path, "--yes").status == 0)
    for words in [["history"], ["show", "1"], ["explain", "lan"]] {
      let json = try Pcipass.run(words + ["--format", "json", "--simulate", host]).output
      #expect(json.contains("\"revision\": \"\(commit)\""), "\(words)")
    }
    #expect(try run("show", "1").output.contains("revision \(commit)\n"))
    let metrics = folder.path("pcipass.prom")
    #expect(try run("status", path, "--metrics", metrics).status == 0)
    #expect(try folder.text("pcipass.prom").contains("revision=\"\(commit)\""))
  }

  @Test("is marked as dirty if files under the paths differ from the commit, also new ones")
  func dirty() throws {
    let (path, commit) = try checkout()
    try "kind: Hots\n".write(toFile: path + "/new.txt", atomically: true, encoding: .utf8)
    #expect(try run("plan", path, "--format", "json").output.contains("\"revision\": \"\(commit)-dirty\""))
    // Both folders are as committed; the new file is outside them.
    let both = try run("plan", path + "/hosts", path + "/guests", "--format", "json").output
    #expect(both.contains("\"revision\": \"\(commit)\""))
  }

  @Test("is that of --revision if given, and absent if it is unknown")
  func given() throws {
    #expect(
      try run("plan", "manifests", "--revision", "v7", "--format", "json").output.contains(
        #""revision": "v7""#))
    let copy = folder.path("copy")
    try FileManager.default.copyItem(at: Pcipass.root.appending(path: "manifests"), to: URL(filePath: copy))
    #expect(try !run("plan", copy, "--format", "json").output.contains(#""revision""#))
    #expect(try run("plan", "manifests", "--revision", "two words").status == 64)
  }
}
