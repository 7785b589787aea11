import Foundation
import Testing

@Suite("A domain that virt-clone copied after an apply")
struct CopiedMarkTests {
  private let folder: TemporaryFolder
  private static let uuid = "6ad9ee0a-8a3c-4a0c-9d64-0123456789ab"
  private static let otherUUID = "7ad9ee0a-8a3c-4a0c-9d64-0123456789ab"

  init() throws { folder = try TemporaryFolder() }

  private func domains(on host: String, _ change: (inout [[String: Any]]) throws -> Void) throws {
    try CommandTests.change(host) { host in
      var guests = try #require(host["libvirt"] as? [[String: Any]])
      try change(&guests)
      host["libvirt"] = guests
    }
  }

  @Test("rollback removes the device from the renamed original, and reports the clone")
  func rollback() throws {
    let host = try folder.simulated("hv01")
    try domains(on: host) { guests in
      let index = try #require(guests.firstIndex { $0["name"] as? String == "web-1" })
      guests[index]["uuid"] = Self.uuid
    }
    #expect(try Pcipass.run("apply", "manifests", "--simulate", host, "--yes").status == 0)
    try domains(on: host) { guests in
      let index = try #require(guests.firstIndex { $0["name"] as? String == "web-1" })
      var clone = guests[index]
      clone["uuid"] = Self.otherUUID
      guests[index]["name"] = "web-old"
      guests.append(clone)
    }
    let back = try Pcipass.run("rollback", "--simulate", host, "--yes")
    #expect(back.status == 0)
    #expect(
      back.output.contains(
        "the libvirt domain web-1 has a copy of 0000:02:00.0 with the mark ua-pcipass-outside and keeps that copy: "
          + "pcipass added the device to web-old (\(Self.uuid)) [copied-mark]"))
    try domains(on: host) { guests in
      for (name, count) in [("web-old", 0), ("web-1", 1)] {
        let guest = try #require(guests.first { $0["name"] as? String == name })
        #expect((guest["persistent"] as? [Any])?.count == count, "\(name)")
      }
    }
  }
}
