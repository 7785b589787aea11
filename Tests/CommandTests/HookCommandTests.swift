import Foundation
import TestSupport
import Testing

@Suite("The hook of libvirt")
struct HookCommandTests {
  private let host: BootedHost

  init() throws {
    host = try BootedHost()
    try host.apply()
    _ = try host.boot("--reboot")
  }

  private func hook(_ xml: String) throws -> Pcipass.Result {
    try Pcipass.run("hook", "winxp", "--simulate", host.path, input: xml)
  }

  private static func domain(_ devices: String, uuid: String? = BootedHost.uuids["winxp"]) -> String {
    """
    <domain type='kvm'><name>winxp</name>\(uuid.map { "<uuid>\($0)</uuid>" } ?? "")
    <devices>\(devices)</devices></domain>
    """
  }

  private static func hostdev(_ slot: String, _ function: Int) -> String {
    """
    <hostdev mode='subsystem' type='pci' managed='yes'><source>
    <address domain='0x0000' bus='0x02' slot='0x\(slot)' function='0x\(function)'/></source>
    <alias name='ua-pcipass-a'/></hostdev>
    """
  }

  private func set(vlan: Int) throws {
    try host.changeFunction("02:10.0") { function in
      var place = function["virtualFunction"] as? [String: Any] ?? [:]
      var settings = place["settings"] as? [String: Any] ?? [:]
      settings["vlan"] = vlan
      place["settings"] = settings
      function["virtualFunction"] = place
    }
  }

  @Test("lets a guest start whose VFs are as recorded")
  func fine() throws {
    let result = try hook(Self.domain(Self.hostdev("10", 0)))
    #expect(result.status == 0 && result.error == "")
  }

  @Test("refuses a guest whose VF has not its VLAN, and says what to type")
  func untagged() throws {
    try set(vlan: 0)
    let result = try hook(Self.domain(Self.hostdev("10", 0)))
    #expect(result.status == 3 && result.error.contains("[guest-held]"))
    #expect(result.error.contains("pcipass boot"))
    // Boot sets it, and the guest may start.
    #expect(try host.boot().status == 0)
    #expect(try hook(Self.domain(Self.hostdev("10", 0))).status == 0)
  }

  @Test("refuses a guest whose VF does not exist, and starts it when it is there")
  func missing() throws {
    try change(host.path) { host in
      var kernel = try #require(host["kernel"] as? [String: Any])
      kernel["commandLine"] = "pcipass.boot=off"
      host["kernel"] = kernel
    }
    _ = try host.boot("--reboot")
    try change(host.path) { host in
      var kernel = try #require(host["kernel"] as? [String: Any])
      kernel["commandLine"] = "quiet"
      host["kernel"] = kernel
    }
    #expect(try hook(Self.domain(Self.hostdev("10", 0))).status == 3)
    #expect(try host.run("boot", "--late").status == 0)
    #expect(try host.guest("winxp")?["run"] as? String == "running")
  }

  @Test("lets other guests start, whatever the state of the host is")
  func others() throws {
    try set(vlan: 0)
    #expect(try hook(Self.domain("")).status == 0)
    #expect(try hook(Self.domain(Self.hostdev("10", 4))).status == 0)
    let other = "11111111-2222-4333-8444-000000000009"
    #expect(try hook(Self.domain(Self.hostdev("10", 0), uuid: other)).status == 0)
    // Without a readable record, only guests with NICs from pcipass are refused.
    try Data("{".utf8).write(to: URL(filePath: host.path + ".state/boot.json"))
    #expect(try hook(Self.domain("")).status == 0)
    #expect(try hook(Self.domain(Self.hostdev("10", 0))).status == 3)
  }

  @Test("allows the new settings of an apply that waits for its confirmation in the same boot")
  func waiting() throws {
    try host.apply(BootedHost.manifest(vlan: 150), "--confirm-within", "24h")
    #expect(try hook(Self.domain(Self.hostdev("10", 0))).status == 0)
    try set(vlan: 120)
    #expect(try hook(Self.domain(Self.hostdev("10", 0))).status == 3)
  }

  @Test("does not start where its input is no domain", arguments: ["", "<domain>", "<network/>", "\u{0}"])
  func badInput(xml: String) throws { #expect(try hook(xml).status == 1) }
}
