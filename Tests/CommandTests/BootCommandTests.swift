import Foundation
import TestSupport
import Testing

/// A simulated host with guests that libvirt starts by itself.
struct BootedHost {
  let folder: TemporaryFolder
  let path: String
  static let uuids = [
    "web-1": "11111111-2222-4333-8444-000000000001", "winxp": "11111111-2222-4333-8444-000000000002",
  ]

  init() throws {
    folder = try TemporaryFolder()
    path = try folder.simulated("hv01")
    try change(path) { host in
      var guests = try #require(host["libvirt"] as? [[String: Any]])
      for index in guests.indices {
        guests[index]["autostart"] = true
        guests[index]["uuid"] = Self.uuids[guests[index]["name"] as? String ?? ""]
      }
      host["libvirt"] = guests
      var kernel = try #require(host["kernel"] as? [String: Any])
      kernel["bootID"] = "00000000-0000-4000-8000-000000000001"
      host["kernel"] = kernel
    }
  }

  /// The manifest of two NICs: one with VFs for winxp, and one for web-1.
  static func manifest(vlan: Int = 120, web: String = "{name: lan, from: lan}") -> String {
    """
    apiVersion: pcipass/v1
    kind: Host
    metadata: {name: hv01}
    spec:
      nics:
        - {name: pool, select: {address: '0000:02:00.0'}, virtualFunctions: {count: 4}}
        - {name: lan, select: {address: '0000:03:00.0'}}
    ---
    apiVersion: pcipass/v1
    kind: Guest
    metadata: {name: winxp}
    spec:
      host: hv01
      nics:
        - {name: a, from: pool/0, mac: '52:54:00:00:00:0a', vlan: \(vlan)}
        - {name: b, from: pool/1, as: interface, mac: '52:54:00:00:00:0b', vlan: 130}
    ---
    apiVersion: pcipass/v1
    kind: Guest
    metadata: {name: web}
    spec: {host: hv01, libvirt: {domain: web-1}, nics: [\(web)]}
    """
  }

  func run(_ words: String...) throws -> Pcipass.Result { try Pcipass.run(words + ["--simulate", path]) }

  /// Applies a manifest, which must succeed.
  func apply(_ manifest: String = manifest(), _ more: String...) throws {
    let file = try folder.write(manifest, to: "manifest.yaml")
    let result = try Pcipass.run(["apply", file, "--yes", "--simulate", path] + more)
    #expect(result.status == 0, "\(result.error)")
  }

  func status() throws -> Pcipass.Result {
    try run("status", folder.path("manifest.yaml"), "--format", "json")
  }

  /// Runs `pcipass boot`, and returns the exit status with the code of the problem of each function.
  func boot(_ words: String...) throws -> (status: Int32, problems: [String: String], steps: Int) {
    let result = try Pcipass.run(["boot", "--wait", "0", "--format", "json", "--simulate", path] + words)
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let functions = try #require(document["functions"] as? [[String: Any]])
    var problems: [String: String] = [:]
    for function in functions {
      let problem = function["problem"] as? [String: Any]
      problems[function["address"] as? String ?? ""] = problem?["code"] as? String
    }
    return (result.status, problems, functions.reduce(0) { $0 + (($1["steps"] as? [String])?.count ?? 0) })
  }

  func state() throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any])
  }

  func function(_ address: String) throws -> [String: Any]? {
    (try state()["functions"] as? [[String: Any]])?.first { $0["address"] as? String == "0000:" + address }
  }

  func driver(_ address: String) throws -> String? { try function(address)?["driver"] as? String }

  func guest(_ name: String) throws -> [String: Any]? {
    (try state()["libvirt"] as? [[String: Any]])?.first { $0["name"] as? String == name }
  }

  func devices(_ name: String, _ part: String) throws -> [String] {
    (try guest(name)?[part] as? [[String: Any]] ?? []).compactMap { $0["address"] as? String }
  }

  func changeFunction(_ address: String, _ body: (inout [String: Any]) -> Void) throws {
    try change(path) { host in
      var functions = try #require(host["functions"] as? [[String: Any]])
      let index = try #require(functions.firstIndex { $0["address"] as? String == "0000:" + address })
      body(&functions[index])
      host["functions"] = functions
    }
  }

  /// The functions of the record, with the number of the run that set each up.
  func record() throws -> [String: Int] {
    let file = URL(filePath: path + ".state/boot.json")
    guard let data = try? Data(contentsOf: file) else { return [:] }
    let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    var result: [String: Int] = [:]
    for entry in document["entries"] as? [[String: Any]] ?? [] {
      let run = (entry["source"] as? [String: Any])?["run"] as? Int
      result[String((entry["function"] as? String ?? "").dropFirst(5))] = run ?? 0
    }
    return result
  }
}

@Suite("pcipass boot")
struct BootCommandTests {
  private let host: BootedHost
  init() throws { host = try BootedHost() }

  @Test("sets up drivers, VFs and their settings, and the guests start with them")
  func setUp() throws {
    try host.apply()
    let reboot = try host.boot("--reboot")
    #expect(reboot.status == 0 && reboot.problems.isEmpty && reboot.steps > 3)
    #expect(try host.driver("03:00.0") == "vfio-pci" && host.driver("02:10.0") == "vfio-pci")
    let settings = (try host.function("02:10.0")?["virtualFunction"] as? [String: Any])?["settings"]
    #expect((settings as? [String: Any])?["mac"] as? String == "52:54:00:00:00:0a")
    #expect((settings as? [String: Any])?["vlan"] as? Int == 120)
    // libvirt needs the interface of the PF up, and sets the VLAN of an interface itself.
    let interface = (try host.function("02:00.0")?["interfaces"] as? [[String: Any]])?.first
    #expect(interface?["up"] as? Bool == true)
    #expect(try host.run("boot", "--guests").status == 0)
    #expect(try host.devices("winxp", "live") == ["0000:02:10.0", "0000:02:10.2"])
    #expect(try host.status().status == 0)
  }

  @Test("has nothing to do when it runs again, or when nothing is recorded")
  func again() throws {
    #expect(try host.boot().steps == 0)
    try host.apply()
    #expect(try host.boot("--reboot").status == 0)
    let second = try host.boot()
    #expect(second.status == 0 && second.steps == 0 && second.problems.isEmpty)
  }

  @Test("leaves and names a card that is missing, and sets up the others", arguments: ["02:00.0", "03:00.0"])
  func missing(address: String) throws {
    try host.apply()
    _ = try host.boot("--reboot")
    try restart { host in
      var functions = try #require(host["functions"] as? [[String: Any]])
      functions.removeAll { $0["address"] as? String == "0000:" + address }
      host["functions"] = functions
    }
    let result = try host.boot()
    #expect(result.status == 5 && result.problems["0000:" + address] == "boot-missing")
    #expect(try host.driver("03:00.0") == (address == "03:00.0" ? nil : "vfio-pci"))
    #expect(try host.driver("02:10.0") == (address == "02:00.0" ? nil : "vfio-pci"))
    // What is gone for good can be forgotten.
    #expect(try host.run("boot", "--forget", "0000:" + address).status == 0)
    #expect(try host.boot().status == 0)
  }

  @Test("leaves and names another card at the address, and does not touch it")
  func replaced() throws {
    try host.apply()
    _ = try host.boot("--reboot")
    try restart { _ in }
    try host.changeFunction("03:00.0") { function in
      (function["id"], function["serial"]) = ("8086:1521", "00-00-00-ff-ff-00-00-09")
    }
    let result = try host.boot()
    #expect(result.status == 5 && result.problems["0000:03:00.0"] == "boot-replaced")
    #expect(try host.driver("03:00.0") == "igb" && host.driver("02:10.0") == "vfio-pci")
  }

  @Test("leaves a NIC at the host that had been given back, if pcipass has seen that")
  func givenBack() throws {
    try host.apply()
    _ = try host.boot("--reboot")
    try give("03:00.0")
    #expect(try host.status().status == 2)
    let result = try host.boot("--reboot")
    #expect(result.status == 0 && result.problems == ["0000:03:00.0": "boot-given-back"])
    #expect(try host.driver("03:00.0") == "igb")
    // An apply takes it again, also for the next boot.
    try host.apply()
    #expect(try host.boot("--reboot").problems.isEmpty)
    #expect(try host.driver("03:00.0") == "vfio-pci")
  }

  @Test("leaves a NIC that had been given back, also if an unconfirmed apply has taken it since")
  func givenBackAndTaken() throws {
    try host.apply()
    _ = try host.boot("--reboot")
    try give("03:00.0")
    #expect(try host.status().status == 2)
    try host.apply(BootedHost.manifest(), "--confirm-within", "24h")
    #expect(try host.driver("03:00.0") == "vfio-pci")
    #expect(try host.status().status == 6)
    #expect(try host.boot("--reboot").problems == ["0000:03:00.0": "boot-given-back"])
    #expect(try host.driver("03:00.0") == "igb")
  }

  @Test("sets up again what an earlier boot could not set up, whatever pcipass has seen since")
  func failedBefore() throws {
    try host.apply()
    // Nothing sets the host up after this restart, and status sees that.
    try restart { _ in }
    #expect(try host.status().status == 2)
    let result = try host.boot("--reboot")
    #expect(result.status == 0 && result.problems.isEmpty)
    #expect(try host.driver("03:00.0") == "vfio-pci")
  }

  @Test("undoes an unconfirmed apply: the NIC at once, the definition when libvirt answers")
  func unconfirmed() throws {
    try host.apply(BootedHost.manifest(web: ""))
    let before = try host.record()
    try host.apply(BootedHost.manifest(), "--confirm-within", "24h")
    #expect(try host.devices("web-1", "persistent") == ["0000:03:00.0"])
    #expect(try host.record() == before)
    #expect(try host.boot("--reboot").status == 0)
    #expect(try host.driver("03:00.0") == "igb")
    // libvirt may not start it yet.
    #expect(try hook("web-1").status == 3)
    let guests = try host.run("boot", "--guests")
    #expect(guests.status == 0, "\(guests.error)")
    #expect(try host.devices("web-1", "persistent").isEmpty)
    #expect(try host.guest("web-1")?["run"] as? String == "running")
    #expect(try host.devices("winxp", "live") == ["0000:02:10.0", "0000:02:10.2"])
    #expect(try host.record() == before)
    #expect(try host.run("history", "--format", "json").output.contains("undone"))
  }

  @Test("does not take back an apply of the same boot that waits for its confirmation")
  func waitingHere() throws {
    try host.apply()
    try host.apply(BootedHost.manifest(web: ""), "--confirm-within", "24h")
    #expect(try host.driver("03:00.0") == "igb")
    #expect(try host.run("boot").status == 6)
    #expect(try host.driver("03:00.0") == "igb")
    #expect(try host.run("confirm").status == 0)
    #expect(try host.boot().status == 0)
    #expect(try host.driver("03:00.0") == "igb")
  }

  @Test("undoes an interrupted apply, and does not touch one of the same boot")
  func interrupted() throws {
    try host.apply(BootedHost.manifest(web: ""))
    try change(host.path) { host in
      host["simulation"] = [
        "faults": [["step": "attach/web/lan/persistent", "effect": "killed", "writes": 1]]
      ]
    }
    let file = try host.folder.write(BootedHost.manifest(), to: "manifest.yaml")
    #expect(try host.run("apply", file, "--yes").status == 9)
    #expect(try host.run("boot", "--guests").status == 0)
    #expect(try host.devices("web-1", "persistent") == ["0000:03:00.0"])
    #expect(try host.boot("--reboot").status == 0)
    #expect(try host.driver("03:00.0") == "igb")
    #expect(try hook("web-1").status == 3)
    #expect(try host.run("boot", "--guests").status == 0)
    #expect(try host.devices("web-1", "persistent").isEmpty)
    #expect(try host.guest("web-1")?["run"] as? String == "running")
  }

  @Test("does nothing with pcipass.boot=off, of which the last one counts")
  func off() throws {
    try host.apply()
    for (line, isOff) in [
      ("pcipass.boot=on pcipass.boot=off", true), ("pcipass.boot=off pcipass.boot=on", false),
    ] {
      try restart { host in
        var kernel = try #require(host["kernel"] as? [String: Any])
        kernel["commandLine"] = "quiet " + line
        host["kernel"] = kernel
      }
      #expect(try host.boot().status == 0)
      #expect(try host.driver("03:00.0") == (isOff ? "igb" : "vfio-pci"))
    }
  }

  @Test("refuses the record of another machine, and one that is damaged")
  func otherRecord() throws {
    try change(host.path) { $0["machine"] = "0123456789abcdef0123456789abcdef" }
    try host.apply()
    try restart { $0["machine"] = "fedcba9876543210fedcba9876543210" }
    #expect(try host.run("boot").error.contains("[wrong-host]"))
    #expect(try host.driver("03:00.0") == "igb")
    try Data("{".utf8).write(to: URL(filePath: host.path + ".state/boot.json"))
    #expect(try host.run("boot").status == 1)
    #expect(try host.driver("03:00.0") == "igb")
  }

  @Test("deletes no VFs: another number of them is left and named")
  func otherCount() throws {
    try host.apply()
    _ = try host.boot("--reboot")
    try change(host.path) { host in
      var functions = try #require(host["functions"] as? [[String: Any]])
      functions.removeAll { ($0["address"] as? String ?? "").hasPrefix("0000:02:10.6") }
      let index = try #require(functions.firstIndex { $0["address"] as? String == "0000:02:00.0" })
      var sriov = try #require(functions[index]["sriov"] as? [String: Any])
      sriov["count"] = 3
      functions[index]["sriov"] = sriov
      host["functions"] = functions
    }
    let result = try host.boot()
    #expect(result.status == 5 && result.problems["0000:02:00.0"] == "boot-different" && result.steps == 0)
  }

  @Test("does not take a NIC that the host uses by now")
  func used() throws {
    try host.apply()
    try restart { _ in }
    try host.changeFunction("03:00.0") { function in
      var interfaces = function["interfaces"] as? [[String: Any]] ?? []
      interfaces[0]["uses"] = [["kind": "address", "detail": "192.0.2.10/24"]]
      function["interfaces"] = interfaces
    }
    let result = try host.boot()
    #expect(result.status == 5 && result.problems == ["0000:03:00.0": "boot-failed"])
    #expect(try host.driver("03:00.0") == "igb" && host.driver("02:10.0") == "vfio-pci")
  }

  /// Restarts the simulated host, and changes it before pcipass looks at it.
  private func restart(_ body: (inout [String: Any]) throws -> Void) throws {
    func set(_ line: String) throws {
      try change(host.path) { host in
        var kernel = try #require(host["kernel"] as? [String: Any])
        kernel["commandLine"] = line
        host["kernel"] = kernel
      }
    }
    try set("quiet pcipass.boot=off")
    _ = try host.boot("--reboot")
    try set("quiet")
    try change(host.path, body)
  }

  /// Gives a NIC back to the host, as an operator does by hand.
  private func give(_ address: String) throws {
    try host.changeFunction(address) { function in
      function["driver"] = "igb"
      function.removeValue(forKey: "driverOverride")
      function["interfaces"] = [["name": "eth1", "up": false]]
    }
  }

  private func hook(_ domain: String) throws -> Pcipass.Result {
    try Pcipass.run(
      "hook", domain, "--simulate", host.path,
      input: "<domain><name>\(domain)</name><uuid>\(BootedHost.uuids[domain] ?? "")</uuid></domain>")
  }
}
