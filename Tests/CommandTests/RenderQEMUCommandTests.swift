import Foundation
import TestSupport
import Testing

@Suite("pcipass render --qemu")
struct RenderQEMUCommandTests {
  private let folder: TemporaryFolder
  private let state = "manifests/captures/hv03.json"

  /// A QEMU guest with a whole NIC and a VF that does not exist yet.
  private static let manifest = """
    apiVersion: pcipass/v1
    kind: Host
    metadata: {name: hv03}
    spec:
      nics:
        - {name: probe, select: {address: "0000:02:00.0"}}
        - {name: pool, select: {address: "0000:03:00.0"}, virtualFunctions: {count: 2}}
    ---
    apiVersion: pcipass/v1
    kind: Guest
    metadata: {name: probe}
    spec:
      host: hv03
      qemu: {qmp: /run/qemu/probe.sock}
      nics:
        - {name: tap, from: probe}
        - {name: side, from: pool/1}
    """

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Self.manifest, to: "probe.yaml")
  }

  private func render(_ more: String..., guest: String = "probe") throws -> Pcipass.Result {
    try Pcipass.run(["render", guest, folder.path("probe.yaml"), "--state", state] + more)
  }

  @Test(
    "prints the guest's devices for the command line of QEMU or for -readconfig",
    arguments: [
      ("plain", ["--qemu"]), ("root-ports", ["--qemu", "--root-ports"]),
      ("readconfig", ["--qemu", "--readconfig"]),
      ("readconfig-root-ports", ["--qemu", "--readconfig", "--root-ports"]),
      ("pci-assign", ["--qemu", "--model", "pci-assign"]),
    ])
  func rendered(name: String, options: [String]) throws {
    let result = try Pcipass.run(
      ["render", "probe", folder.path("probe.yaml"), "--state", state] + options)
    #expect(result.status == 0 && result.error == "")
    try expectGolden(result.output, "render-qemu-\(name).txt")
  }

  @Test("does not render a libvirt domain for QEMU, or a QEMU guest as XML")
  func otherManager() throws {
    let domain = try Pcipass.run(
      "render", "winxp", "manifests", "--state", "manifests/captures/hv01.json", "--qemu")
    #expect(domain.status == 64 && domain.output == "")
    #expect(domain.error.names("winxp", "--xml FILE"))
    let xml = try folder.write("<domain><devices/></domain>", to: "probe.xml")
    let qemu = try render("--xml", xml)
    #expect(qemu.status == 64 && qemu.output == "")
    #expect(qemu.error.names("probe", "--qemu"))
  }

  @Test(
    "refuses conflicting options before it reads any file",
    arguments: [
      ([], ["--xml FILE", "--qemu"]), (["--qemu", "--xml", "/nowhere"], ["--xml FILE", "--qemu"]),
      (["--xml", "/nowhere", "--root-ports"], ["--qemu"]),
      (["--xml", "/nowhere", "--readconfig"], ["--qemu"]),
      (["--xml", "/nowhere", "--model", "pci-assign"], ["--qemu"]),
      (["--qemu", "--simulate", "/nowhere"], ["--simulate"]), (["--qemu", "--model", "virtio"], ["virtio"]),
    ])
  func usage(options: [String], values: [String]) throws {
    let result = try Pcipass.run(["render", "probe", "/nowhere", "--state", state] + options)
    #expect(result.status == 64 && result.output == "")
    #expect(result.error.names(values))
  }

  @Test("refuses a VF whose address is not known, and prints no output")
  func unknownPlace() throws {
    let old = try folder.simulated("hv03") {
      $0.replacingOccurrences(of: ", \"offset\": 128, \"stride\": 2", with: "")
    }
    let result = try Pcipass.run("render", "probe", folder.path("probe.yaml"), "--qemu", "--state", old)
    #expect(result.status == 3 && result.output == "")
    #expect(result.error.names("pool/1"))
    #expect(result.error.contains("[virtual-functions]"))
  }
}
