import Foundation
import Testing

@Suite("A domain that was replaced since the last apply")
struct ReplacedDomainTests {
  private let folder: TemporaryFolder
  private static let uuid = "6ad9ee0a-8a3c-4a0c-9d64-0123456789ab"
  private static let otherUUID = "7ad9ee0a-8a3c-4a0c-9d64-0123456789ab"

  init() throws { folder = try TemporaryFolder() }

  /// Defines web-1 with the UUID and without devices, as after a deletion.
  private func define(_ uuid: String, on host: String) throws {
    try change(host) { host in
      var guests = try #require(host["libvirt"] as? [[String: Any]])
      let index = try #require(guests.firstIndex { $0["name"] as? String == "web-1" })
      guests[index]["uuid"] = uuid
      guests[index]["persistent"] = [Any]()
      host["libvirt"] = guests
    }
  }

  @Test("is reported with both UUIDs by plan and apply, until an apply includes it")
  func noticed() throws {
    let host = try folder.simulated("hv01")
    let note =
      "  note: guest/web: the libvirt domain web-1 was replaced since the last apply: its UUID changed from "
      + "\(Self.uuid) to \(Self.otherUUID) [changed]\n"
    try define(Self.uuid, on: host)
    #expect(try Pcipass.run("apply", "manifests", "--simulate", host, "--yes").status == 0)
    #expect(try Pcipass.run("plan", "manifests", "--detailed-exitcode", "--simulate", host).status == 0)
    try define(Self.otherUUID, on: host)
    #expect(try Pcipass.run("plan", "manifests", "--simulate", host).output.contains(note))
    let other = try Pcipass.run("plan", "manifests", "--simulate", host, "--target", "nic/lan")
    #expect(!other.output.contains("[changed]"))
    let again = try Pcipass.run("apply", "manifests", "--simulate", host, "--yes")
    #expect(again.status == 0 && again.output.contains(note))
    #expect(try Pcipass.run("plan", "manifests", "--detailed-exitcode", "--simulate", host).status == 0)
  }

  @Test("does not stop a plan if the journal cannot be read")
  func unreadableJournal() throws {
    let host = try folder.simulated("hv01")
    try define(Self.uuid, on: host)
    #expect(try Pcipass.run("apply", "manifests", "--simulate", host, "--yes").status == 0)
    try define(Self.otherUUID, on: host)
    try Data("nonsense\n".utf8).write(to: URL(filePath: host + ".state/journal/1"))
    let plan = try Pcipass.run("plan", "manifests", "--simulate", host)
    #expect(plan.status == 0 && plan.output.contains("add to definition"))
    #expect(!plan.output.contains("[changed]"))
  }
}
