import Foundation
import TestSupport
import Testing

@Suite("--quiet and --verbose")
struct VerbosityTests {
  private let folder: TemporaryFolder
  private let host: String

  init() throws {
    folder = try TemporaryFolder()
    host = try folder.simulated("hv01")
  }

  private func run(_ words: String...) throws -> Pcipass.Result {
    try Pcipass.run(words + ["--simulate", host])
  }

  @Test("--quiet prints one line for the result, from plan to recover")
  func quiet() throws {
    var words = ""
    for line in [
      ["plan", "manifests", "-q"], ["apply", "manifests", "-yq"], ["apply", "manifests", "--yes", "--quiet"],
      ["rollback", "-yq"], ["recover", "-yq"],
    ] {
      let result = try Pcipass.run(line + ["--simulate", host])
      #expect(result.status == 0 && result.output.split(separator: "\n").count == 1)
      words += result.output
    }
    try expectGolden(words, "quiet.txt")
  }

  @Test("--quiet prints one line for a recovery of an interrupted run")
  func quietRecovery() throws {
    try withFault(at: "attach/web/outside/persistent", "killed", on: host) { () throws in
      #expect(try run("apply", "manifests", "-yq").status == SIGKILL)
    }
    #expect(try run("plan", "manifests", "-q").error.contains("[interrupted]"))
    let recovery = try run("recover", "-yq")
    #expect(recovery.status == 0)
    #expect(recovery.output.split(separator: "\n").count == 1 && recovery.output.names("1"))
  }

  @Test("--quiet keeps the failed step, the errors and the exit status")
  func failure() throws {
    try withFault(at: "attach/winxp/lan/live", "busy", on: host) { () throws in
      let loud = try run("apply", "manifests", "--yes")
      let quiet = try run("apply", "manifests", "--yes", "--quiet")
      #expect(quiet.status == loud.status)
      #expect(quiet.error == loud.error)
      #expect(quiet.output.contains(/0000:03:00.0 \(lan\) .*winxp:/))
      #expect(!quiet.output.contains("1/6"))
    }
  }

  @Test("--quiet keeps the error and the exit status of a plan for another host")
  func refusal() throws {
    let loud = try Pcipass.run("plan", "manifests", "--host", "hv02", "--simulate", host)
    let quiet = try Pcipass.run("plan", "manifests", "--host", "hv02", "--simulate", host, "-q")
    #expect(quiet.status == 3 && loud.status == 3)
    #expect(quiet.error == loud.error && quiet.error.contains("error:"))
    #expect(quiet.output.split(separator: "\n").count == 1)
  }

  @Test("--quiet and --verbose do not change JSON")
  func json() throws {
    let plain = try run("plan", "manifests", "--format", "json")
    for flag in ["-q", "-v"] {
      #expect(try run("plan", "manifests", "--format", "json", flag).output == plain.output)
    }
  }

  @Test("--quiet keeps the plan before a question")
  func question() throws {
    let result = try Pcipass.runOnTerminal("apply", "manifests", "-q", "--simulate", host, input: "no\n")
    #expect(result.output.names("0000:03:00.0", "igb → vfio-pci"))
    #expect(result.output.contains("hv01?"))
    #expect(result.status == 1)
  }

  @Test("--verbose adds the findings of guards and the facts to a plan")
  func verbosePlan() throws {
    let output = try run("plan", "manifests", "-v").output
    #expect(output.contains("  0000:03:00.0 driver: igb\n"))
    try expectGolden(output, "plan-verbose.txt")
  }

  @Test("--verbose adds the old and new values to each step of apply and rollback")
  func verboseApply() throws {
    let there = try run("apply", "manifests", "-yv").output
    let back = try run("rollback", "-yv").output
    #expect(there.contains("        driver: igb → vfio-pci\n"))
    #expect(back.contains("        driver: vfio-pci → igb\n"))
    try expectGolden((there + back).replacing(/[0-9]+ ms/, with: "N ms"), "apply-verbose.txt")
  }

  @Test(
    "--quiet and --verbose together are refused",
    arguments: ["plan", "apply", "rollback", "recover"])
  func both(command: String) throws {
    let result = try Pcipass.run(command, "-qv")
    #expect(result.status == 64)
  }

  @Test("--quiet omits the next command, which is printed only on a terminal")
  func next() throws {
    let plan = folder.path("hv01.plan")
    let words = ["plan", "manifests", "--simulate", host, "--out", plan]
    let onTerminal = try Pcipass.runOnTerminal(arguments: words, input: "").output
    #expect(onTerminal.contains("Next: pcipass apply \(plan)"))
    #expect(try !Pcipass.runOnTerminal(arguments: words + ["-q"], input: "").output.contains("Next:"))
    #expect(try !Pcipass.run(words).output.contains("Next:"))
    let history = try Pcipass.runOnTerminal(arguments: ["history", "--simulate", host], input: "").output
    #expect(history.contains("Next: pcipass plan"))
    #expect(
      try Pcipass.runOnTerminal(arguments: ["validate", "manifests"], input: "").output.contains(
        "Next: pcipass plan"))
  }
}
