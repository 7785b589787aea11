import Foundation
import Testing

@Suite("A VF that libvirt bound to a variant of vfio-pci")
struct VariantDriverCommandTests {
  private let folder: TemporaryFolder
  private static let cases = Pcipass.root.appending(path: "Tests/CommandTests/Guests").path
  private let manifests = cases + "/v-now.yaml"
  private let host: String

  init() throws {
    folder = try TemporaryFolder()
    host = folder.path("host.json")
    try FileManager.default.copyItem(atPath: Self.cases + "/variant-auto-run.json", toPath: host)
  }

  private func driver(_ address: String) throws -> String? {
    var driver: String?
    try change(host) { host in
      let functions = try #require(host["functions"] as? [[String: Any]])
      driver = functions.first { $0["address"] as? String == address }?["driver"] as? String
    }
    return driver
  }

  private func alias() throws -> String? {
    var alias: String?
    try change(host) { host in
      let guest = try #require((host["libvirt"] as? [[String: Any]])?.first)
      alias = (guest["persistent"] as? [[String: Any]])?.first?["alias"] as? String
    }
    return alias
  }

  @Test("is only marked in the definition; apply and rollback do not change its driver")
  func adopted() throws {
    let plan = try Pcipass.run("plan", manifests, "--simulate", host, "--format", "json")
    #expect(plan.status == 0)
    let json = try #require(JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any])
    #expect((json["refusals"] as? [Any] ?? []).isEmpty)
    let steps = try #require(json["steps"] as? [[String: Any]])
    for step in steps {
      #expect((step["guest"] as? [String: String])?["libvirt"] == "instance-00000001", "\(step)")
    }
    #expect(try Pcipass.run("apply", manifests, "--simulate", host, "--yes").status == 0)
    #expect(try driver("0000:03:10.0") == "mlx5_vfio_pci" && alias() == "ua-pcipass-net0")
    #expect(try Pcipass.run("plan", manifests, "--simulate", host, "--detailed-exitcode").status == 0)
    #expect(try Pcipass.run("status", manifests, "--simulate", host).status == 0)
    #expect(try Pcipass.run("rollback", "--simulate", host, "--yes").status == 0)
    #expect(try driver("0000:03:10.0") == "mlx5_vfio_pci" && alias() == nil)
  }

  @Test("is shown by status and devices as the guest's, and not as owned by another tool")
  func known() throws {
    let status = try Pcipass.run("status", manifests, "--state", host)
    #expect(status.status == 2 && !status.output.contains("ownership"))
    let devices = try Pcipass.run("devices", "--driver", "mlx5_vfio_pci", "--state", host)
    #expect(devices.output.contains("0000:03:10.0") && devices.output.contains("instance-00000001"))
  }

  @Test("is accepted by doctor, and imported without a driver key")
  func imported() throws {
    #expect(try !Pcipass.run("doctor", "--state", host).output.contains("another tool"))
    let imported = try Pcipass.run("import", "--state", host)
    #expect(imported.status == 0 && imported.output.contains("name: instance-00000001"))
    #expect(!imported.output.contains("driver:"))
  }

  @Test(
    "is assigned with its driver if it is available; a missing module is a failure and undone")
  func free() throws {
    try change(host) { host in
      var functions = try #require(host["functions"] as? [[String: Any]])
      let index = try #require(functions.firstIndex { $0["address"] as? String == "0000:03:10.2" })
      functions[index]["driver"] = "mlx5_vfio_pci"
      host["functions"] = functions
    }
    let more =
      "\n---\n" + """
        apiVersion: pcipass/v1
        kind: Guest
        metadata: {name: second}
        spec: {host: hv01, libvirt: {domain: instance-00000002}, nics: [{name: net0, from: pool/1}]}
        """
    let documents = folder.path("all.yaml")
    let text = try String(contentsOfFile: manifests, encoding: .utf8) + more
    try text.write(toFile: documents, atomically: true, encoding: .utf8)
    try change(host) { host in
      var guests = try #require(host["libvirt"] as? [[String: Any]])
      guests.append(["name": "instance-00000002", "run": "shutoff", "persistent": [] as [Any]])
      host["libvirt"] = guests
    }
    #expect(try Pcipass.run("apply", documents, "--simulate", host, "--yes").status == 0)
    #expect(try driver("0000:03:10.2") == "mlx5_vfio_pci")
    let exact = text.replacing("{name: pool,", with: "{name: pool, driver: nvgrace_gpu_vfio_pci,")
    try exact.write(toFile: documents, atomically: true, encoding: .utf8)
    let failed = try Pcipass.run("apply", documents, "--simulate", host, "--yes")
    #expect(
      failed.status == 4 && failed.output.contains("modprobe nvgrace_gpu_vfio_pci"),
      "\(failed.status) \(failed.output) \(failed.error)")
    #expect(try driver("0000:03:10.2") == "mlx5_vfio_pci" && driver("0000:03:10.0") == "mlx5_vfio_pci")
  }
}
