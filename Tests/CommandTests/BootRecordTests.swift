import Foundation
import TestSupport
import Testing

@Suite("The record of what a boot sets up")
struct BootRecordTests {
  private let host: BootedHost
  init() throws { host = try BootedHost() }

  private static let all = ["02:00.0", "02:10.0", "02:10.2", "03:00.0"]

  @Test("contains what an apply has verified, and the run that set it up")
  func apply() throws {
    try host.apply()
    #expect(try host.record() == Dictionary(uniqueKeysWithValues: Self.all.map { ($0, 1) }))
    // Another VLAN changes one function, and an apply without changes none.
    try host.apply(BootedHost.manifest(vlan: 140))
    try host.apply(BootedHost.manifest(vlan: 140))
    #expect(try host.record() == ["02:00.0": 1, "02:10.0": 2, "02:10.2": 1, "03:00.0": 1])
  }

  @Test("contains what an apply found in place, also without a step")
  func inPlace() throws {
    try host.apply()
    try FileManager.default.removeItem(atPath: host.path + ".state")
    try host.apply()
    #expect(try host.record() == Dictionary(uniqueKeysWithValues: Self.all.map { ($0, 0) }))
  }

  @Test("is changed by a run with --target for its own parts only")
  func target() throws {
    try host.apply(BootedHost.manifest(), "--target", "nic/lan")
    #expect(try host.record() == ["03:00.0": 1])
    try host.apply(BootedHost.manifest(), "--target", "guest/winxp")
    #expect(try host.record() == ["02:00.0": 2, "02:10.0": 2, "02:10.2": 2, "03:00.0": 1])
    #expect(try host.run("rollback", "--yes", "1").status == 0)
    #expect(try host.record().keys.sorted() == ["02:00.0", "02:10.0", "02:10.2"])
  }

  @Test("is restored by a rollback, and by the rollback of a rollback")
  func rollback() throws {
    try host.apply(BootedHost.manifest(web: ""))
    let before = try host.record()
    try host.apply()
    let after = try host.record()
    #expect(before != after)
    #expect(try host.run("rollback", "--yes").status == 0)
    #expect(try host.record() == before)
    #expect(try host.run("rollback", "--yes", "3").status == 0)
    #expect(try host.record() == after)
    #expect(try host.run("rollback", "--yes", "2", "--target", "nic/lan").status == 0)
    #expect(try host.record() == before)
  }

  @Test("contains an apply that must be confirmed only when it is confirmed")
  func confirm() throws {
    try host.apply(BootedHost.manifest(), "--confirm-within", "24h")
    #expect(try host.record().isEmpty)
    #expect(try host.run("confirm").status == 0)
    #expect(try host.record().count == 4)
  }

  @Test("does not contain a part that was rolled back before the confirmation")
  func partlyBack() throws {
    try host.apply(BootedHost.manifest(), "--confirm-within", "24h")
    #expect(try host.run("rollback", "--yes", "1", "--target", "nic/lan").status == 0)
    #expect(try host.record().isEmpty)
    #expect(try host.run("confirm", "1").status == 0)
    #expect(try host.record().keys.sorted() == ["02:00.0", "02:10.0", "02:10.2"])
  }

  @Test("does not change by a run that failed and was undone")
  func failed() throws {
    try host.apply(BootedHost.manifest(web: ""))
    let before = try host.record()
    try change(host.path) { host in
      host["simulation"] = ["faults": [["step": "bind/0000:03:00.0", "effect": "refused"]]]
    }
    let file = try host.folder.write(BootedHost.manifest(), to: "manifest.yaml")
    #expect(try host.run("apply", file, "--yes").status == 4)
    #expect(try host.record() == before)
  }

  @Test("contains what a failed run has left, and what recover completes or leaves")
  func left() throws {
    try fault("attach/web/lan/persistent", "refused")
    let file = try host.folder.write(BootedHost.manifest(), to: "manifest.yaml")
    #expect(try host.run("apply", file, "--yes", "--on-failure", "stop").status == 5)
    #expect(try host.record()["02:10.0"] == 1 && host.record()["03:00.0"] == nil)
  }

  @Test("contains what recover completes or leaves", arguments: ["--forward", "--leave"])
  func recovered(direction: String) throws {
    try fault("attach/web/lan/persistent", "killed")
    let file = try host.folder.write(BootedHost.manifest(), to: "manifest.yaml")
    #expect(try host.run("apply", file, "--yes").status == 9)
    #expect(try host.record().isEmpty)
    try change(host.path) { $0.removeValue(forKey: "simulation") }
    #expect(try host.run("recover", direction, "--yes").status == 0)
    #expect(try host.record()["02:10.0"] == 1)
    #expect(try host.record()["03:00.0"] == (direction == "--forward" ? 1 : nil))
  }

  @Test("does not depend on journals, which may be deleted or start again from 1")
  func journals() throws {
    try host.apply(BootedHost.manifest(web: ""))
    try host.apply(BootedHost.manifest(vlan: 140, web: ""), "--keep", "10")
    try FileManager.default.removeItem(atPath: host.path + ".state/journal")
    try host.apply()
    #expect(try host.record() == ["02:00.0": 1, "02:10.0": 1, "02:10.2": 1, "03:00.0": 1])
    #expect(try host.boot("--reboot").status == 0)
    #expect(try host.driver("03:00.0") == "vfio-pci")
  }

  @Test("is completed after a kill between the end of an apply and its record")
  func killedBetween() throws {
    try host.apply(BootedHost.manifest(web: ""))
    let file = URL(filePath: host.path + ".state/boot.json")
    let before = try Data(contentsOf: file)
    try host.apply()
    let after = try host.record()
    try before.write(to: file)
    #expect(try host.boot("--reboot").status == 0)
    #expect(try host.record() == after)
    #expect(try host.driver("03:00.0") == "vfio-pci")
  }

  @Test("is left by a NIC that no guest claims any more")
  func unclaimed() throws {
    try host.apply()
    try host.apply(BootedHost.manifest(web: ""))
    #expect(try host.record()["03:00.0"] == nil)
    #expect(try host.boot("--reboot").status == 0)
    #expect(try host.driver("03:00.0") == "igb")
  }

  @Test("keeps the NIC of a guest whose manifest is not given")
  func outOfScope() throws {
    try host.apply()
    let manifest = BootedHost.manifest()
    let end = try #require(manifest.range(of: "---", options: .backwards))
    try host.apply(String(manifest[..<end.lowerBound]))
    #expect(try host.record()["03:00.0"] == 1)
  }

  private func fault(_ step: String, _ effect: String) throws {
    try change(host.path) { host in
      host["simulation"] = ["faults": [["step": step, "effect": effect]]]
    }
  }
}
