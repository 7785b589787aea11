import Foundation
import TestSupport
import Testing

@Suite("pcipass render")
struct RenderCommandTests {
  private let folder: TemporaryFolder
  private let state = "manifests/captures/hv01.json"
  private static let domain = """
    <domain type='kvm'>
      <name>winxp</name><!-- kept in git -->
      <devices>
        <emulator>/usr/bin/qemu-system-x86_64</emulator>
      </devices>
    </domain>

    """

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Self.domain, to: "winxp.xml")
  }

  private var xml: String { folder.url.appending(path: "winxp.xml").path }

  @Test("adds the guest's hostdevs and keeps every other byte")
  func rendered() throws {
    let result = try Pcipass.run("render", "winxp", "manifests", "--xml", xml, "--state", state)
    #expect(result.status == 0 && result.error == "")
    try expectGolden(result.output, "render-winxp.xml")
    let again = try Pcipass.run(
      "render", "winxp", "manifests", "--xml", "-", "--state", state, input: result.output)
    #expect(again.output == result.output)
  }

  @Test("prints the same from a folder of snapshots and on a simulated host")
  func elsewhere() throws {
    let expected = try Pcipass.run("render", "winxp", "manifests", "--xml", xml, "--state", state).output
    #expect(
      try Pcipass.run("render", "winxp", "manifests", "--xml", xml, "--state", "manifests/captures").output
        == expected)
    let host = try folder.simulated("hv01")
    #expect(
      try Pcipass.run("render", "winxp", "manifests", "--xml", xml, "--simulate", host).output == expected)
  }

  @Test("refuses an unknown guest and suggests a similar name")
  func unknownGuest() throws {
    let result = try Pcipass.run("render", "winpx", "manifests", "--xml", xml, "--state", state)
    #expect(result.status == 1 && result.output == "")
    #expect(result.error.names("winpx"))
    #expect(result.error.names("winxp"))
  }

  @Test("refuses a guest of another host")
  func otherHost() throws {
    let result = try Pcipass.run(
      "render", "winxp", "manifests", "--xml", xml, "--state", "manifests/captures/hv02.json")
    #expect(result.status == 1 && result.output == "")
  }

  @Test("reports invalid XML with its position, and prints no output")
  func badXML() throws {
    try folder.write("<domain>\n  <devices>\n</domain>\n", to: "winxp.xml")
    let result = try Pcipass.run("render", "winxp", "manifests", "--xml", xml, "--state", state)
    #expect(result.status == 1 && result.output == "")
    #expect(result.error.contains("winxp.xml:3:"))
    try folder.write("", to: "winxp.xml")
    #expect(try Pcipass.run("render", "winxp", "manifests", "--xml", xml, "--state", state).status == 1)
  }

  @Test("refuses the XML of another domain with both positions, and prints no output")
  func otherDomain() throws {
    try folder.write(Self.domain.replacing("<name>winxp", with: "<name>hermes"), to: "winxp.xml")
    let result = try Pcipass.run("render", "winxp", "manifests", "--xml", xml, "--state", state)
    #expect(result.status == 1 && result.output == "")
    #expect(result.error.contains("winxp.xml:2:3: error:") && result.error.contains("[other-domain]"))
    #expect(result.error.contains("manifests/"))
  }

  @Test("reports output that cannot be written")
  func full() throws {
    let result = try Pcipass.run(
      ["-c", "'\(Pcipass.binary.path)' render winxp manifests --xml '\(xml)' --state \(state) >/dev/full"],
      executable: URL(filePath: "/bin/sh"))
    #expect(result.status == 1 && result.error.contains("No space left on device"))
  }

  @Test("checks the libvirt URI before it is used")
  func uri() throws {
    let elsewhere = try Pcipass.run(
      "snapshot", environment: ["LIBVIRT_DEFAULT_URI": "qemu+ssh://hv02/system"])
    #expect(elsewhere.output.contains(/"libvirt": *\{\s*"unavailable"/))
    let result = try Pcipass.run("snapshot", "--connect", "not a uri")
    #expect(result.status == 64 && result.error.names("qemu:///system"))
  }
}
