import Documents
import Files
import Foundation
import HostModel
import Planning
import TestSupport
import Testing

@testable import Execution

@Suite("The record of when each difference was first seen")
struct DriftMemoryTests {
  private static let manifests =
    host("name: lan, select: {address: '0000:03:00.0'}") + guest("a", "name: net0, from: lan")
  private static func at(_ second: Int) -> Timestamp { Timestamp(milliseconds: second * 1000) }

  private func status(_ driver: String?, _ defined: [Hostdev] = []) -> HostStatus {
    let state = state([nic("03:00.0", driver: driver)], libvirt: [off("a", defined)])
    return HostStatus(plan(Self.manifests, on: state), on: state)
  }

  private func told(_ memory: DriftMemory) -> [String] {
    memory.entries.map {
      "\($0.key.subject) \($0.key.what) \($0.key.guest ?? "-") \($0.since.milliseconds / 1000)"
    }
  }

  @Test("keeps the time of a known difference, adds a new one and drops one that is gone")
  func remembering() {
    let first = DriftMemory().remembering(status("igb", [marked("03:00.0", "net0")]), at: Self.at(100))
    #expect(told(first) == ["nic/lan driver - 100"])
    // The driver differs in another way, and still differs.
    let second = first.remembering(status(nil), at: Self.at(200))
    #expect(told(second) == ["nic/lan driver - 100", "nic/lan definition a 200"])
    let seen = status(nil)
    #expect(second.since(seen.nics[0].findings, of: "nic/lan") == Self.at(100))
    let third = second.remembering(status("vfio-pci"), at: Self.at(300))
    #expect(told(third) == ["nic/lan definition a 200"])
    #expect(third.remembering(status("vfio-pci", [marked("03:00.0", "net0")]), at: Self.at(400)).isEmpty)
    #expect(third.remembering(status("vfio-pci"), at: Self.at(301)) == third)
  }

  @Test("has no time in the future when the clock is set back")
  func clock() {
    let later = DriftMemory().remembering(status("igb", [marked("03:00.0", "net0")]), at: Self.at(500))
    #expect(told(later.remembering(status("igb"), at: Self.at(400))).first == "nic/lan driver - 400")
  }

  @Test("holds refusals, too")
  func refused() {
    let state = state([nic("03:00.0", uses: .known([HostUse(.bridge, "br0")]))], libvirt: [off("a")])
    let status = HostStatus(plan(Self.manifests, on: state), on: state)
    let memory = DriftMemory().remembering(status, at: Self.at(1))
    #expect(told(memory) == ["nic/lan refused: host-network a 1"])
    #expect(status.nics[0].findings.refusals.map { memory.since($0, of: "nic/lan") } == [Self.at(1)])
  }

  @Test("is stored in the state folder and loads unchanged")
  func kept() throws {
    try withFolder { folder in
      #expect(try DriftMemory.load(from: folder + "/none").isEmpty)
      #expect(try DriftMemory.load(from: folder).isEmpty)
      let memory = DriftMemory().remembering(status("igb"), at: Self.at(7))
      try memory.save(to: folder)
      #expect(try DriftMemory.load(from: folder) == memory)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["drift.json"])
    }
  }

  @Test("loads hostile names unchanged", arguments: HostileNames.all)
  func hostile(name: String) throws {
    let key = DriftMemory.Key(subject: name, what: name, guest: name)
    let memory = DriftMemory(entries: [DriftMemory.Entry(key: key, since: Self.at(1))])
    let source = Source(name: "drift.json", text: DriftMemory.form.encode(memory).text)
    #expect(try DriftMemory.form.value(of: try JSONReader.document(of: source), from: source) == memory)
  }

  @Test(
    "reports an invalid file, or one of another version, as an error",
    arguments: ["", "{}", "[]", #"{"apiVersion": "pcipass/v9", "kind": "Drift", "entries": []}"#])
  func damaged(text: String) throws {
    try withFolder { folder in
      try Data(text.utf8).write(to: URL(filePath: folder + "/drift.json"))
      chmod(folder + "/drift.json", 0o600)
      #expect(throws: Diagnostics.self) { try DriftMemory.load(from: folder) }
    }
  }
}
