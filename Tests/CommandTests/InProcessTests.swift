import Foundation
import Reporting
import Testing

@testable import pcipass

@Suite("Commands in the process of the tests")
struct InProcessTests {
  private let folder: TemporaryFolder
  private let manifests = Pcipass.root.appending(path: "manifests").path

  init() throws { folder = try TemporaryFolder() }

  private func capture(_ host: String) -> String { "\(manifests)/captures/\(host).json" }

  private func longestLine(_ text: String) -> Int { text.split(separator: "\n").map(\.count).max() ?? 0 }

  /// Returns the words of the command, with a path in place of each word in capitals.
  private func expanded(_ command: String) -> [String] {
    command.split(separator: " ").map {
      switch $0 {
      case "MANIFESTS": manifests
      case "HV01": capture("hv01")
      case "HV02": capture("hv02")
      case "INVALID": Pcipass.root.appending(path: "Tests/CommandTests/Invalid").path
      default: String($0)
      }
    }
  }

  @Test(
    "have the same status and output as in a separate process",
    arguments: [
      "aply", "plan --target nonsense MANIFESTS", "plan --format yaml MANIFESTS", "--version",
      "validate MANIFESTS", "validate INVALID", "validate INVALID --format json",
      "plan MANIFESTS --state HV01", "plan MANIFESTS --state HV02 --detailed-exitcode",
      "plan MANIFESTS --state HV01 --target nic/lam", "plan INVALID --state HV01",
      "devices --state HV01", "devices --state HV01 0000:ff:00.0", "graph MANIFESTS --state HV02",
      "status MANIFESTS --state HV02", "explain nonsense MANIFESTS --state HV01", "doctor --state HV01",
      "render nobody MANIFESTS --qemu --state HV01", "import --state HV02", "schema host",
    ])
  func sameAsProcess(command: String) throws {
    let words = expanded(command)
    let here = try inProcess(words)
    let there = try Pcipass.run(words)
    #expect(here.status == there.status)
    #expect(here.output == there.output)
    #expect(here.error == there.error)
  }

  @Test(
    "print help if it is requested, or if there is no command",
    arguments: ["--help", "help plan", ""])
  func help(command: String) throws {
    let result = try inProcess(expanded(command))
    #expect(result.status == 0 && result.error == "")
    #expect(result.output.contains("EXIT STATUS:"))
  }

  @Test("report a refused plan and exit with 3")
  func refused() throws {
    let manifest = try folder.write(
      """
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: hv03}
      spec:
        nics:
          - name: uplink
            select: {address: "0000:01:00.0"}
            reserve: true
      """, to: "uplink.yaml")
    let host = try folder.simulated("hv03")
    let plan = try inProcess(["plan", manifest, "--simulate", host])
    #expect(plan.status == 3)
    #expect(plan.error.contains("[host-network]"))
    let apply = try inProcess(["apply", manifest, "--simulate", host, "--yes"])
    #expect(apply.status == 3)
    #expect(apply.error == plan.error && apply.output == plan.output)
    #expect(try Pcipass.run("apply", manifest, "--simulate", host, "--yes").error == apply.error)
  }

  @Test("report an invalid manifest and print nothing else")
  func manifestError() throws {
    let result = try inProcess(expanded("plan INVALID --state HV01"))
    #expect(result.status == 1)
    #expect(result.output == "")
    #expect(result.error.contains(": error: "))
  }

  @Test("refuse a saved plan as stale if the host has changed")
  func stale() throws {
    let host = try folder.simulated("hv01")
    let plan = folder.path("hv01.plan")
    #expect(try inProcess(["plan", manifests, "--simulate", host, "--out", plan]).status == 0)
    #expect(
      try inProcess(["apply", manifests, "--simulate", host, "--yes", "--target", "nic/lan"]).status == 0)
    let result = try inProcess(["apply", plan, "--simulate", host, "--yes"])
    #expect(result.status == 1)
    #expect(result.error.contains("[stale]"))
    #expect(result.error.contains("[changed]"))
  }

  @Test("refuse an unknown target")
  func unknownTarget() throws {
    let result = try inProcess(expanded("plan MANIFESTS --state HV01 --target nic/lam"))
    #expect(result.status == 3)
    #expect(result.error.contains("nic/lam"))
  }

  @Test("apply, roll back and record both runs")
  func applyAndRollback() throws {
    let host = try folder.simulated("hv01")
    let start = try bindings(host)
    let apply = try inProcess(["apply", manifests, "--simulate", host, "--yes"])
    #expect(apply.status == 0 && apply.error == "")
    #expect(try bindings(host) != start)
    let history = ["history", "--simulate", host]
    #expect(try inProcess(history).output == Pcipass.run(history).output)
    let rollback = try inProcess(["rollback", "--simulate", host, "--yes"])
    #expect(rollback.status == 0 && rollback.error == "")
    #expect(try bindings(host) == start)
    #expect(try inProcess(["rollback", "--simulate", host, "--yes"]).status == 1)
    #expect(try inProcess(["recover", "--simulate", host]).output == "Nothing to recover.\n")
  }

  @Test(
    "ask if the terminal allows it, and accept only the answer yes",
    arguments: ["yes\n", "yes\r\n", "yes"])
  func agreed(answer: String) throws {
    let host = try folder.simulated("hv01")
    let apply = ["apply", manifests, "--simulate", host]
    let asking = TerminalTraits(canAsk: true)
    for other in ["", "y\n", "no\n", "Yes\n", " yes\n", "\nyes\n"] {
      let result = try inProcess(apply, input: other, traits: asking)
      #expect(result.status == 1 && result.error.contains("[cancelled]"), "\(other)")
    }
    let result = try inProcess(apply, input: answer, traits: asking)
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.hasSuffix("Only 'yes' is accepted: "))
    #expect(try inProcess(apply).output.contains("No changes."))
  }

  @Test("change nothing if they cannot ask")
  func noTerminal() throws {
    let host = try folder.simulated("hv01")
    let start = try bindings(host)
    let result = try inProcess(["apply", manifests, "--simulate", host], input: "yes\n")
    #expect(result.status == 1 && result.error.contains("[no-terminal]"))
    #expect(try bindings(host) == start)
  }

  @Test("use the colours, hints and width of the terminal")
  func traits() throws {
    let devices = expanded("devices --state HV01")
    let colored = TerminalTraits(outputStyle: Style(isColored: true))
    #expect(try inProcess(devices, traits: colored).output.contains("\u{1B}["))
    #expect(try !inProcess(devices).output.contains("\u{1B}"))
    let narrow = try inProcess(devices, traits: TerminalTraits(width: { 80 })).output
    #expect(try longestLine(narrow) < longestLine(inProcess(devices).output))
    let validate = expanded("validate MANIFESTS")
    #expect(try inProcess(validate, traits: TerminalTraits(isInteractive: true)).output.contains("Next: "))
    #expect(try !inProcess(validate).output.contains("Next: "))
  }

  @Test("print each format that they accept", arguments: HelpTests.commands)
  func formats(command: String) throws {
    let declaration = try #require(pcipass.Pcipass.declaration?[command])
    let format = declaration.arguments.first { $0.names == ["--format"] }
    let host = try folder.simulated("hv01")
    // The watchdog is a process of the command itself.
    func apply(_ options: [String] = []) throws {
      _ = try Pcipass.run(["apply", manifests, "--simulate", host, "--yes"] + options)
    }
    if command != "confirm" { try apply() }
    let subjects = [
      "validate": [manifests], "show": ["1"], "plan": [manifests],
      "drain": ["lan", manifests], "status": [manifests],
      "explain": ["0000:02:00.0"], "apply": [manifests, "--yes"], "rollback": ["--yes"], "recover": ["--yes"],
    ]
    for value in format?.values ?? [] {
      if command == "rollback" { try apply() }
      if command == "confirm" { try apply(["--confirm-within", "1h"]) }
      let words = [command, "--format", value] + (subjects[command] ?? [])
      let result = try inProcess(words + (command == "validate" ? [] : ["--simulate", host]))
      // Valid manifests have no annotations.
      #expect(!result.output.isEmpty || value == "github", "\(words): \(result.error)")
      #expect(!result.error.contains("[internal]"))
      if command == "confirm" { _ = try inProcess(["rollback", "--yes", "--simulate", host]) }
    }
  }
}
