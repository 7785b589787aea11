import Foundation
import TestSupport
import Testing

@Suite("pcipass apply and rollback")
struct ApplyCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("apply leads to an empty plan, and rollback restores the drivers and guests")
  func thereAndBack() throws {
    let host = try folder.simulated("hv01")
    let start = try bindings(host)
    let applied = try Pcipass.run(
      "apply", "manifests", "--simulate", host, "--yes", "--out", folder.path("done.plan"))
    #expect(applied.status == 0)
    #expect(applied.output.names("6", "hv01"))
    #expect(try bindings(host) != start)
    #expect(try Pcipass.run("plan", "manifests", "--detailed-exitcode", "--simulate", host).status == 0)
    let back = try Pcipass.run("rollback", folder.path("done.plan"), "--simulate", host, "--yes")
    #expect(back.status == 0)
    #expect(try bindings(host) == start)
  }

  @Test("apply without a terminal and without --yes changes nothing")
  func noTerminal() throws {
    let host = try folder.simulated("hv01")
    let before = try folder.text("hv01.json")
    let result = try Pcipass.run("apply", "manifests", "--simulate", host, input: "yes\n")
    #expect(result.status == 1)
    #expect(result.error.contains("[no-terminal]") && result.error.names("--yes"))
    #expect(try folder.text("hv01.json") == before)
  }

  @Test(
    "apply on a terminal asks, and accepts only yes",
    arguments: [("yes", true), ("y", false), ("", false)])
  func question(answer: String, isDone: Bool) throws {
    let host = try folder.simulated("hv02")
    let result = try Pcipass.runOnTerminal("apply", "manifests", "--simulate", host, input: answer + "\n")
    #expect(result.output.contains("hv02?"))
    #expect(result.status == (isDone ? 0 : 1))
    let plan = try Pcipass.run("plan", "manifests", "--detailed-exitcode", "--simulate", host)
    #expect(plan.status == (isDone ? 0 : 2))
  }

  @Test("output on a terminal has colour, except with NO_COLOR or TERM=dumb")
  func colour() throws {
    func plan(_ environment: [String: String]) throws -> String {
      try Pcipass.runOnTerminal(
        "plan", "manifests", "--state", "manifests/captures/hv01.json", input: "", environment: environment
      ).output
    }
    #expect(try plan([:]).contains("\u{1B}[32m"))
    #expect(try !plan(["NO_COLOR": "1"]).contains("\u{1B}"))
    #expect(try !plan(["TERM": "dumb"]).contains("\u{1B}"))
  }

  @Test("apply refuses a saved plan if the host has changed, and reports the changes")
  func stale() throws {
    let host = try folder.simulated("hv01")
    let plan = folder.path("hv01.plan")
    #expect(try Pcipass.run("plan", "manifests", "--simulate", host, "--out", plan).status == 0)
    #expect(
      try Pcipass.run("apply", "manifests", "--simulate", host, "--yes", "--target", "nic/dmz").status == 0)
    let before = try folder.text("hv01.json")
    let result = try Pcipass.run("apply", plan, "--simulate", host, "--yes")
    #expect(result.status == 1)
    #expect(result.error.contains("[stale]"))
    #expect(result.error.names("0000:02:00.0", "driver", "igb", "vfio-pci"))
    #expect(try folder.text("hv01.json") == before)
  }

  @Test("apply refuses a plan for another host")
  func wrongHost() throws {
    let host = try folder.simulated("hv01")
    let plan = folder.path("hv02.plan")
    _ = try Pcipass.run("plan", "manifests", "--state", "manifests/captures/hv02.json", "--out", plan)
    let result = try Pcipass.run("apply", plan, "--simulate", host, "--yes")
    #expect(result.status == 1)
    #expect(result.error.contains("[wrong-host]"))
  }

  @Test("apply refuses a plan file whose steps were edited")
  func edited() throws {
    let host = try folder.simulated("hv01")
    let plan = folder.path("hv01.plan")
    _ = try Pcipass.run("plan", "manifests", "--simulate", host, "--out", plan)
    let text = try folder.text("hv01.plan")
    let edited = text.replacingOccurrences(of: "\"0000:03:00.0\"", with: "\"0000:01:00.0\"")
    #expect(edited != text)
    try folder.write(edited, to: "hv01.plan")
    let before = try folder.text("hv01.json")
    let result = try Pcipass.run("apply", plan, "--simulate", host, "--yes")
    #expect(result.status == 1)
    #expect(try folder.text("hv01.json") == before)
  }

  @Test("a failed step and all earlier steps are undone, and the output shows the result")
  func failure() throws {
    let host = try folder.simulated("hv01") { fault("attach/winxp/lan/live", "busy", in: $0) }
    let start = try bindings(host)
    let result = try Pcipass.run("apply", "manifests", "--simulate", host, "--yes")
    #expect(result.status == 4)
    try expectGolden(withoutTimes(result.output), "apply-failure.txt")
    #expect(try bindings(host) == start)
  }

  @Test("--on-failure stop keeps the completed steps")
  func stop() throws {
    let host = try folder.simulated("hv01") { fault("attach/winxp/lan/live", "refused", in: $0) }
    let start = try bindings(host)
    let result = try Pcipass.run("apply", "manifests", "--simulate", host, "--yes", "--on-failure", "stop")
    #expect(result.status == 5)
    #expect(result.output.names("0000:03:00.0", "vfio-pci", "winxp"))
    #expect(try bindings(host) != start)
  }

  @Test("a write that never ends is reported as stuck, never as undone")
  func stuck() throws {
    let host = try folder.simulated("hv01") { fault("bind/0000:02:00.0", "hang", in: $0) }
    let result = try Pcipass.run("apply", "manifests", "--simulate", host, "--yes")
    #expect(result.status == 5)
    try expectGolden(withoutTimes(result.output), "apply-stuck.txt")
  }

  @Test("a guest that never releases its NIC keeps it, and earlier steps are undone")
  func unresponsiveGuest() throws {
    let host = try folder.simulated("hv01") {
      $0.replacingOccurrences(
        of: "  \"qemu\": []", with: "  \"qemu\": [],\n  \"simulation\": {\"unplug\": {\"winxp\": \"never\"}}")
    }
    #expect(try Pcipass.run("apply", "manifests", "--simulate", host, "--yes").status == 0)
    let before = try bindings(host)
    let manifest = try folder.write(
      """
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: hv01}
      spec:
        nics:
          - {name: lan, select: {address: "0000:03:00.0"}}
      ---
      apiVersion: pcipass/v1
      kind: Guest
      metadata: {name: winxp}
      spec: {host: hv01, nics: []}
      """, to: "without.yaml")
    let result = try Pcipass.run("apply", manifest, "--simulate", host, "--yes")
    #expect(result.status == 4)
    #expect(result.output.contains("[unanswered]"))
    #expect(try bindings(host) == before)
  }

  private func fault(_ step: String, _ effect: String, in state: String) -> String {
    state.replacingOccurrences(
      of: "  \"qemu\": []",
      with:
        "  \"qemu\": [],\n  \"simulation\": {\"faults\": [{\"step\": \"\(step)\", \"effect\": \"\(effect)\"}]}"
    )
  }

  private func withoutTimes(_ text: String) -> String {
    text.replacing(/[0-9]+ ms/, with: "N ms")
  }
}
