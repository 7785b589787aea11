import Foundation
import TestSupport
import Testing

@Suite("pcipass import with a folder of snapshots")
struct ImportFleetCommandTests {
  private let folder: TemporaryFolder
  private var snapshots: String { folder.path("snapshots") }
  private var fleet: String { folder.path("fleet") }

  /// Three hosts that virsh has set up: kvm01 and kvm02 are alike, kvm03 has one more NIC in a guest. On hv02 no
  /// guest has a NIC.
  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.path("snapshots"), withIntermediateDirectories: true)
    let hand = try folder.handMade()
    for number in 1...3 {
      try add("kvm0\(number)", of: hand) { host in
        if number < 3 { try Self.remove("web-1", from: &host) }
      }
    }
    try add("hv02", of: Pcipass.root.appending(path: "manifests/captures/hv02.json").path)
  }

  private func add(
    _ name: String, of snapshot: String, _ edit: (inout [String: Any]) throws -> Void = { _ in }
  ) throws {
    let path = folder.path("snapshots/\(name).json")
    try FileManager.default.copyItem(atPath: snapshot, toPath: path)
    try change(path) { host in
      host["host"] = name
      try edit(&host)
    }
  }

  private static func remove(_ guest: String, from host: inout [String: Any]) throws {
    let guests = try #require(host["libvirt"] as? [[String: Any]])
    host["libvirt"] = guests.filter { $0["name"] as? String != guest }
  }

  private func files() throws -> [String] {
    let found = try #require(FileManager.default.enumerator(atPath: fleet))
    return found.compactMap { $0 as? String }.filter { $0.hasSuffix(".yaml") }.sorted()
  }

  @Test("prints one class for hosts that are alike, and what a plan would do")
  func printed() throws {
    let result = try Pcipass.run("import", "--state", snapshots)
    #expect(result.status == 0)
    try expectGolden(result.output, "import-fleet.yaml")
    try expectGolden(result.error, "import-fleet.txt")
    #expect(try Pcipass.run("validate", "-", input: result.output).status == 0)
  }

  @Test("writes a folder for each kind of document; a plan from the snapshots only marks NICs")
  func written() throws {
    let result = try Pcipass.run("import", "--state", snapshots, "--out", fleet)
    #expect(result.status == 0 && result.output.names(fleet))
    #expect(
      try files() == [
        "classes/intel-82576.yaml", "guests/intel-82576/winxp.yaml", "guests/kvm03/web-1.yaml",
        "hosts/hv02.yaml", "hosts/kvm01.yaml", "hosts/kvm02.yaml", "hosts/kvm03.yaml",
      ])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: fleet).sorted() == ["classes", "guests", "hosts"])
    let plan = try Pcipass.run("plan", fleet, "--state", snapshots, "--format", "json")
    #expect(plan.status == 0)
    let list = try #require(
      try JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any])
    let plans = try #require(list["plans"] as? [[String: Any]])
    #expect(plans.count == 4)
    let reasons = plans.flatMap { $0["steps"] as? [[String: Any]] ?? [] }.compactMap {
      $0["reason"] as? String
    }
    #expect(reasons == Array(repeating: "adopted", count: 4))
  }

  @Test("refuses a folder that is not empty, and changes nothing in it; hidden files do not count")
  func notEmpty() throws {
    try FileManager.default.createDirectory(atPath: fleet + "/.git", withIntermediateDirectories: true)
    #expect(try Pcipass.run("import", "--state", snapshots, "--out", fleet).status == 0)
    let before = try files()
    try "# mine\n".write(toFile: fleet + "/hosts/kvm01.yaml", atomically: true, encoding: .utf8)
    let again = try Pcipass.run("import", "--state", snapshots, "--out", fleet)
    #expect(again.status == 1 && again.error.contains("[exists]") && again.error.names(fleet))
    #expect(try files() == before)
    #expect(try String(contentsOfFile: fleet + "/hosts/kvm01.yaml", encoding: .utf8) == "# mine\n")
    #expect(try Pcipass.run("import", "--state", snapshots, "--out", fleet, "--force").status == 64)
  }

  @Test("leaves nothing behind if a file cannot be written")
  func unwritable() throws {
    let missing = try Pcipass.run("import", "--state", snapshots, "--out", folder.path("no/fleet"))
    #expect(missing.status == 1 && missing.error.contains("[unwritable]"))
    try FileManager.default.createDirectory(atPath: fleet, withIntermediateDirectories: true)
    try folder.write("", to: "file")
    let file = try Pcipass.run("import", "--state", snapshots, "--out", folder.path("file"))
    #expect(file.status == 1 && file.error.contains("[unreadable]"))
    // The kernel ends the command at its first write, or lets the write fail.
    for preparation in ["", "trap '' XFSZ; "] {
      let limited = try Pcipass.run(
        [
          "-c",
          preparation
            + "ulimit -f 0; exec '\(Pcipass.binary.path)' import --state '\(snapshots)' --out '\(fleet)'",
        ], executable: URL(filePath: "/bin/bash"))
      #expect(limited.status != 0)
      let left = try FileManager.default.contentsOfDirectory(atPath: fleet)
      #expect(left.filter { !$0.hasPrefix(".") } == [])
      #expect(preparation.isEmpty || left.count < 2)
    }
    #expect(try Pcipass.run("import", "--state", snapshots, "--out", fleet).status == 0)
  }

  @Test("imports the other hosts if a snapshot cannot be read or is that of another host")
  func broken() throws {
    try folder.write("{", to: "snapshots/kvm04.json")
    try add("kvm05", of: folder.path("snapshots/kvm01.json"))
    try change(folder.path("snapshots/kvm05.json")) { $0["host"] = "kvm06" }
    try change(folder.path("snapshots/kvm02.json")) { $0["host"] = "../kvm02" }
    let result = try Pcipass.run("import", "--state", snapshots, "--out", fleet)
    #expect(result.status == 1)
    #expect(result.error.names("kvm04.json", "kvm05.json", "kvm02.json"))
    #expect(result.error.contains("[wrong-host]") && result.error.contains("[bad-value]"))
    #expect(
      try files().filter { $0.hasPrefix("hosts") } == ["hv02", "kvm01", "kvm03"].map { "hosts/\($0).yaml" })
    #expect(try Pcipass.run("plan", fleet, "--state", snapshots).status == 0)
  }

  @Test("imports only the hosts that --host names; a host without a snapshot is an error")
  func limited() throws {
    let two = try Pcipass.run("import", "--state", snapshots, "--host", "kvm03", "--host", "kvm01")
    #expect(two.status == 0)
    #expect(two.output.contains("kvm01") && two.output.contains("kvm03") && !two.output.contains("kvm02"))
    let missing = try Pcipass.run("import", "--state", snapshots, "--host", "kvm09", "--host", "kvm01")
    #expect(missing.status == 1 && missing.error.names("kvm09.json") && missing.output.contains("kvm01"))
    for name in ["../snapshots/kvm01", "", "."] {
      #expect(try Pcipass.run("import", "--state", snapshots, "--host", name).status == 64)
    }
  }

  @Test("without a snapshot is an error, and writes nothing")
  func empty() throws {
    let other = folder.path("empty")
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
    let result = try Pcipass.run("import", "--state", other, "--out", fleet)
    #expect(result.status == 1 && result.error.contains("[no-host]"))
    #expect(!FileManager.default.fileExists(atPath: fleet))
  }

  @Test("suggests --free if no guest has a NIC; --free makes a class of the available NICs")
  func bare() throws {
    #expect(try Pcipass.run("import", "--state", snapshots, "--host", "hv02").error.names("--free"))
    try add("hv03", of: folder.path("snapshots/hv02.json"))
    let free = try Pcipass.run(
      "import", "--state", snapshots, "--host", "hv02", "--host", "hv03", "--free")
    #expect(free.output.contains("kind: HostClass") && free.output.contains("name: eth0"))
    #expect(free.status == 0)
  }

  @Test("writes five lines for each of 50 hosts that are alike, and eight for each guest")
  func size() throws {
    for number in 10..<60 { try add("node\(number)", of: folder.path("snapshots/kvm03.json")) }
    let hosts = (10..<60).flatMap { ["--host", "node\($0)"] }
    let result = try Pcipass.run(["import", "--state", snapshots, "--out", fleet] + hosts)
    #expect(result.status == 0)
    let names = try files()
    #expect(names.count == 1 + 2 + 50)
    for name in names where name.hasPrefix("hosts/") {
      let lines = try String(contentsOfFile: "\(fleet)/\(name)", encoding: .utf8).split(separator: "\n")
      #expect(lines.count <= 5, "\(name)")
    }
    // What is said of all hosts is said once.
    #expect(result.output.split(separator: "\n").count < 8)
  }
}
