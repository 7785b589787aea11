import Foundation
import TestSupport
import Testing

@testable import pcipass

/// Produces each status of the table in docs/usage.md once.
@Suite("Exit statuses")
struct ExitStatusTests {
  private let folder: TemporaryFolder
  private let host: String

  init() throws {
    folder = try TemporaryFolder()
    host = try folder.simulated("hv01")
  }

  private func run(_ words: String...) throws -> CommandTests.Pcipass.Result {
    try CommandTests.Pcipass.run(words + ["--simulate", host])
  }

  private func refusedManifest() throws -> String {
    try folder.write(
      """
      {apiVersion: pcipass/v1, kind: Host, metadata: {name: hv01}, spec: {nics: [
        {name: uplink, select: {address: "0000:01:00.0"}, reserve: true}]}}
      """, to: "refused.yaml")
  }

  @Test("0: success, also with nothing to do, and for an apply that waits for confirmation")
  func success() throws {
    #expect(try run("apply", "manifests", "--yes", "--confirm-within", "1h").status == 0)
    #expect(try run("confirm").status == 0)
    #expect(try run("apply", "manifests", "--yes", "--detailed-exitcode").status == 0)
    #expect(try run("plan", "manifests", "--detailed-exitcode").status == 0)
    #expect(try run("status", "manifests").status == 0)
  }

  @Test("1: an error; nothing is changed")
  func failure() throws {
    let before = try bindings(host)
    #expect(try run("apply", folder.path("missing.yaml"), "--yes").status == 1)
    #expect(try run("apply", "manifests").status == 1)
    #expect(try run("rollback", "--yes").status == 1)
    #expect(try bindings(host) == before)
  }

  @Test("2: changes of plan and apply, drift, or findings")
  func changes() throws {
    #expect(try run("plan", "manifests", "--detailed-exitcode").status == 2)
    #expect(try run("plan", "manifests").status == 0)
    #expect(try run("status", "manifests").status == 2)
    #expect(try run("doctor").status == 2)
    #expect(try run("apply", "manifests", "--yes", "--detailed-exitcode").status == 2)
  }

  @Test("3: a guard refuses; nothing is changed")
  func refused() throws {
    let before = try bindings(host)
    let manifest = try refusedManifest()
    for words in [["plan"], ["plan", "--detailed-exitcode"], ["apply", "--yes"], ["status"]] {
      let result = try CommandTests.Pcipass.run(words + [manifest, "--simulate", host])
      #expect(result.status == 3, "\(words): \(result.output)\(result.error)")
      #expect(result.output.contains("[host-network]") || result.error.contains("[host-network]"))
    }
    #expect(try bindings(host) == before)
  }

  @Test("4: a step failed; everything is undone")
  func undone() throws {
    let before = try bindings(host)
    let status = try withFault(at: "attach/web/outside/persistent", "busy", on: host) {
      try run("apply", "manifests", "--yes").status
    }
    #expect(status == 4)
    #expect(try bindings(host) == before)
  }

  @Test("5: an operator is needed, after a failure without undo or an interrupted run")
  func needsOperator() throws {
    let left = try withFault(at: "attach/web/outside/persistent", "busy", on: host) {
      try run("apply", "manifests", "--yes", "--on-failure", "stop").status
    }
    #expect(left == 5)
    #expect(try run("rollback", "--yes").status == 0)
    try withFault(at: "bind/0000:02:00.0", "slow", seconds: 5, on: host) { () throws in
      // The module of the first apply is still loaded.
      let apply = try Beside("apply", "manifests", "--yes", "--simulate", host)
      apply.await("3/5")
      apply.signal(SIGKILL)
      _ = apply.end()
    }
    #expect(try run("apply", "manifests", "--yes").status == 5)
    #expect(try run("plan", "manifests", "--detailed-exitcode").status == 5)
    #expect(try run("status", "manifests").status == 5)
    #expect(try run("recover", "--yes").status == 0)
  }

  @Test("6: an apply waits for confirmation")
  func waiting() throws {
    #expect(try run("apply", "manifests", "--yes", "--confirm-within", "1h").status == 0)
    #expect(try run("plan", "manifests", "--detailed-exitcode").status == 6)
    #expect(try run("status", "manifests").status == 6)
    #expect(try run("apply", "manifests", "--yes").status == 6)
    #expect(try run("plan", "manifests").status == 0)
    #expect(try run("rollback", "--yes").status == 0)
  }

  @Test(
    "64: the command line is wrong",
    arguments: [
      "aply", "plan", "plan --format yaml manifests", "apply manifests --format json",
      "plan manifests --host a --host b", "validate manifests manifests --origin x",
      "import --origin x",
      "status --keep 3 manifests",
    ])
  func usage(line: String) throws {
    let words = line.split(separator: " ").map(String.init)
    let known = words.first == "validate" || words.count < 2 ? [] : ["--simulate", host]
    #expect(try CommandTests.Pcipass.run(words + known).status == 64)
  }

  @Test("0: an apply with --prune=N that removes the NICs of N guests")
  func pruned() throws {
    #expect(try run("apply", "manifests", "--yes").status == 0)
    let only = try folder.write(
      """
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: hv01}
      spec:
        nics:
          - name: lan
            select: {address: '0000:03:00.0'}
      """, to: "only.yaml")
    #expect(try run("apply", only, "--yes", "--prune=3").status == 3)
    let apply = try run("apply", only, "--yes", "--prune=2")
    #expect(apply.status == 0 && apply.error.isEmpty)
    #expect(try run("plan", only, "--prune", "--detailed-exitcode").status == 0)
  }

  @Test("75: another pcipass holds the lock")
  func locked() throws {
    try withFault(at: "bind/0000:02:00.0", "slow", seconds: 2, on: host) { () throws in
      let apply = try Beside("apply", "manifests", "--yes", "--simulate", host)
      apply.await("4/6")
      let other = try run("apply", "manifests", "--yes")
      #expect(other.status == 75 && other.error.contains("[locked]"))
      #expect(apply.end().status == 0)
    }
  }

  @Test("the most important status is used if several apply")
  func order() {
    let ascending: [pcipass.ExitStatus] = [
      .success, .changes, .waiting, .failure, .refused, .undone, .needsOperator,
    ]
    for (number, status) in ascending.enumerated() {
      #expect(pcipass.ExitStatus.worst(of: ascending[...number].shuffled()) == status)
    }
    #expect(ascending.map(\.code) == [0, 2, 6, 1, 3, 4, 5])
  }

  @Test(
    "a shell sees 128 plus the signal that stopped an apply",
    arguments: [("INT", 130), ("TERM", 143)])
  func signals(name: String, status: Int) throws {
    let before = try bindings(host)
    let script =
      """
      '\(CommandTests.Pcipass.binary.path)' apply manifests --yes --simulate '\(host)' & pid=$!
      until grep -q '"driver": "vfio-pci"' '\(host)'; do sleep 0.05; done
      kill -\(name) $pid; wait $pid; echo "status $?"
      """
    let result = try withFault(at: "attach/winxp/lan/live", "slow", seconds: 2, on: host) {
      try CommandTests.Pcipass.run(
        ["-c", "trap - INT; set -m\n" + script], executable: URL(filePath: "/bin/bash"))
    }
    #expect(result.output.contains("status \(status)\n"), "\(result.output)\(result.error)")
    #expect(try bindings(host) == before)
  }
}
