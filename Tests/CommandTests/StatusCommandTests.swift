import Foundation
import TestSupport
import Testing

@Suite("pcipass status")
struct StatusCommandTests {
  private let folder: TemporaryFolder
  private let host: String

  init() throws {
    folder = try TemporaryFolder()
    host = try folder.simulated("hv01")
  }

  private func run(_ words: String..., on host: String? = nil) throws -> Pcipass.Result {
    try Pcipass.run(words + ["--simulate", host ?? self.host])
  }

  private func withoutTimes(_ text: String) -> String {
    text.replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC/, with: "MOMENT UTC").replacing(
      /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z/, with: "2026-11-26T19:09:39.000Z")
  }

  private func edit(_ change: (String) -> String) throws {
    let text = try folder.text("hv01.json")
    let changed = change(text)
    try #require(changed != text)
    try folder.write(changed, to: "hv01.json")
  }

  /// Applies the manifests, then changes the host by hand.
  private func drift() throws {
    #expect(try run("apply", "manifests", "--yes").status == 0)
    // The NIC of the idle guest has the override of its native driver, and the running guest has
    // lost its device.
    try edit {
      $0.replacing(/(?s)("address": "0000:02:00.0".*?"driverOverride": )"vfio-pci"/, maxReplacements: 1) {
        "\($0.output.1)\"igb\""
      }.replacing(/(?s)("name": "winxp".*?"live": )\[.*?\n      \]/, maxReplacements: 1) {
        "\($0.output.1)[]"
      }
      .replacing(/"holders": \[[^\]]*\]/, with: "\"holders\": []")
    }
  }

  private func journals(_ host: String) -> String { host + ".state" }

  // MARK: Output

  @Test("shows a host before an apply, after it, and after changes by hand")
  func goldens() throws {
    var texts: [String] = []
    func see(_ status: Int32) throws {
      let seen = try run("status", "manifests")
      #expect(seen.status == status, "\(seen.error)")
      #expect(seen.error == "")
      texts.append(withoutTimes(seen.output))
    }
    try see(2)
    #expect(try run("apply", "manifests", "--yes").status == 0)
    try see(0)
    #expect(try run("rollback", "--yes").status == 0)
    try drift()
    try see(2)
    try expectGolden(texts.joined(separator: "\n----\n\n"), "status-hv01.txt")
    let json = try run("status", "manifests", "--format", "json")
    #expect(json.status == 2)
    try expectGolden(withoutTimes(json.output), "status-hv01.json")
  }

  @Test("shows VFs that do not exist yet, and guests without libvirt", arguments: ["hv02", "hv03"])
  func others(name: String) throws {
    let seen = try Pcipass.run("status", "manifests", "--state", "manifests/captures/\(name).json")
    #expect(seen.status == 2)
    try expectGolden(seen.output, "status-\(name).txt")
  }

  @Test("exits with 0 in sync, 2 drifted, 3 refused, 1 unknown, 64 on wrong usage")
  func exit() throws {
    #expect(try run("status", "manifests").status == 2)
    #expect(try run("apply", "manifests", "--yes").status == 0)
    #expect(try run("status", "manifests").status == 0)
    try edit {
      $0.replacing(/(?s)("address": "0000:02:00.0".*?"driver": )"vfio-pci"/, maxReplacements: 1) {
        "\($0.output.1)\"uio_pci_generic\""
      }
    }
    let refused = try run("status", "manifests")
    #expect(refused.status == 3 && refused.output.contains("[ownership]"))
    try edit { $0.replacing(/(?s)"libvirt": \[.*?\n  \]/, with: #""libvirt": {"unavailable": "no daemon"}"#) }
    let unknown = try run("status", "manifests")
    #expect(
      unknown.status == 1 && unknown.output.contains("unknown: ") && unknown.output.contains("no daemon"))
    #expect(try run("status", "nowhere").status == 1)
    #expect(try run("status").status == 64)
  }

  @Test(
    "reports a saved image with other NICs as drift, as plan, apply and explain do")
  func saved() throws {
    #expect(try run("apply", "manifests", "--yes").status == 0)
    try edit {
      $0.replacing(/"run": ?"shutoff",/, with: #""run": "shutoff", "saved": {"devices": []},"#)
    }
    let status = try run("status", "manifests")
    #expect(status.status == 2 && status.output.contains("virsh managedsave-remove "))
    for format in ["text", "markdown"] {
      let plan = try run("plan", "manifests", "--detailed-exitcode", "--format", format)
      #expect(plan.status == 2 && plan.output.contains(format == "text" ? "[saved-image]" : "`saved-image`"))
      #expect(!plan.output.contains("No changes"), "\(format)")
    }
    let apply = try run("apply", "manifests", "--yes")
    #expect(apply.status == 0 && !apply.output.contains("No changes"))
    #expect(try run("explain", "nic/dmz", "manifests").output.contains("saved image") == true)
  }

  @Test("reports an interrupted apply, also in the metrics")
  func open() throws {
    try withFault(at: "attach/winxp/lan/live", "killed", writes: 1, on: host) { () throws in
      #expect(try run("apply", "manifests", "--yes").status == SIGKILL)
    }
    let file = folder.path("m.prom")
    let seen = try run("status", "manifests", "--metrics", file)
    #expect(seen.error.contains("[interrupted]"))
    #expect(seen.output.contains(/Last: apply 1 of .*, by .*: interrupted at step/))
    let text = try folder.text("m.prom")
    #expect(text.contains("\npcipass_apply_open{host=\"hv01\"} 1\n"))
    #expect(text.contains("\npcipass_last_apply_success{host=\"hv01\"} 0\n"))
  }

  // MARK: The start of a drift

  @Test("remembers the start of a drift until the drift ends")
  func since() throws {
    func since() throws -> [String] {
      let output = try run("status", "manifests", "--format", "json").output
      let document = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
      return (document?["nics"] as? [[String: Any]] ?? []).map { "\($0["since"] ?? "")" }
    }
    let first = try since()
    #expect(first.allSatisfy { $0.wholeMatch(of: /[-0-9]{10}T[:.0-9]{12}Z/) != nil })
    Thread.sleep(forTimeInterval: 0.01)
    #expect(try since() == first)
    #expect(try run("apply", "manifests", "--yes").status == 0)
    #expect(try since() == ["", ""])
    #expect(
      try String(contentsOfFile: journals(host) + "/drift.json", encoding: .utf8).contains("\"entries\": []"))
    #expect(try run("rollback", "--yes").status == 0)
    #expect(try since().first != first.first)
  }

  @Test("omits the start of a drift if it cannot be stored, and writes nothing")
  func notRemembered() throws {
    let seen = try Pcipass.run("status", "manifests", "--state", "manifests/captures/hv01.json")
    #expect(!seen.output.contains("UTC") && seen.error == "")
    // A folder that cannot be trusted is reported, but does not prevent the status.
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("link"), withDestinationPath: folder.path("nowhere"))
    let linked = try run("status", "manifests", "--state-dir", folder.path("link"))
    #expect(linked.status == 2 && !linked.output.contains("UTC"))
    #expect(linked.error.contains("[state-folder]"))
    // If all is in sync, there is nothing to remember, and no folder is created.
    #expect(try run("apply", "manifests", "--yes").status == 0)
    #expect(try run("status", "manifests", "--state-dir", folder.path("new")).status == 0)
    #expect(!FileManager.default.fileExists(atPath: folder.path("new")))
  }

  @Test("reports a damaged drift file and does not change it")
  func damaged() throws {
    _ = try run("status", "manifests")
    let file = journals(host) + "/drift.json"
    try "{}".write(toFile: file, atomically: false, encoding: .utf8)
    let seen = try run("status", "manifests")
    #expect(seen.status == 2 && seen.error.contains("\(file):1:1: warning: ") && !seen.output.contains("UTC"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "{}")
  }
}
