import Foundation
import TestSupport
import Testing

@Suite("pcipass import")
struct ImportCommandTests {
  private let folder: TemporaryFolder
  private let host: String
  private var fleet: String { folder.path("fleet") }

  init() throws {
    folder = try TemporaryFolder()
    host = try folder.handMade()
  }

  private func drivers() throws -> [String] {
    var drivers: [String] = []
    try change(host) { host in
      let functions = try #require(host["functions"] as? [[String: Any]])
      drivers = functions.map { "\($0["address"] ?? "") \($0["driver"] ?? "") \($0["driverOverride"] ?? "")" }
    }
    return drivers
  }

  @Test("prints manifests for the NICs of guests, and the effect of their plan")
  func printed() throws {
    let result = try Pcipass.run("import", "--state", host)
    #expect(result.status == 0)
    try expectGolden(result.output, "import.yaml")
    try expectGolden(result.error, "import.txt")
    #expect(try Pcipass.run("validate", "-", input: result.output).status == 0)
  }

  @Test("writes manifests that only mark NICs assigned by hand, and that are in sync afterwards")
  func adopted() throws {
    let result = try Pcipass.run("import", "--out", fleet, "--simulate", host)
    #expect(result.status == 0)
    let before = try drivers()
    #expect(try Pcipass.run("apply", fleet, "--simulate", host, "--yes").status == 0)
    let plan = try Pcipass.run("plan", fleet, "--simulate", host, "--detailed-exitcode")
    #expect(plan.status == 0)
    #expect(plan.status == 0)
    // The apply added only marks.
    #expect(try drivers() == before)
    #expect(try Pcipass.run("import", "--simulate", host).status == 0)
  }

  @Test("writes no file if one of the files exists, except with --force")
  func kept() throws {
    #expect(try Pcipass.run("import", "--out", fleet, "--state", host).status == 0)
    try "# mine\n".write(toFile: fleet + "/guests/winxp.yaml", atomically: true, encoding: .utf8)
    try FileManager.default.removeItem(atPath: fleet + "/hosts/hv01.yaml")
    let result = try Pcipass.run("import", "--out", fleet, "--state", host)
    #expect(result.status == 1)
    #expect(result.error.contains("[exists]") && result.error.names("\(fleet)/guests/winxp.yaml"))
    #expect(!FileManager.default.fileExists(atPath: fleet + "/hosts/hv01.yaml"))
    #expect(try String(contentsOfFile: fleet + "/guests/winxp.yaml", encoding: .utf8) == "# mine\n")
    #expect(try Pcipass.run("import", "--out", fleet, "--force", "--state", host).status == 0)
    #expect(try String(contentsOfFile: fleet + "/guests/winxp.yaml", encoding: .utf8).contains("kind: Guest"))
  }

  @Test("suggests --free if no NIC is assigned; --free prints the available NICs")
  func bare() throws {
    let bare = Pcipass.root.appending(path: "manifests/captures/hv02.json").path
    #expect(try Pcipass.run("import", "--state", bare).error.names("--free"))
    let free = try Pcipass.run("import", "--free", "--state", bare)
    #expect(free.output.contains("name: eth0") && free.output.contains("name: eth1"))
    #expect(!free.output.contains("0000:01:00"))
    #expect(free.status == 0)
  }

  @Test(
    "refuses sockets and users that a manifest cannot contain",
    arguments: [
      "run/x.sock", "", "/x,user=", "/x,user=a b", "/x,group=a", "/" + String(repeating: "a", count: 107),
    ])
  func sockets(text: String) throws {
    let result = try Pcipass.run("import", "--qmp", text)
    #expect(result.status != 0)
    #expect(result.error.contains("Error: The value"), "\(result.error)")
  }
}
