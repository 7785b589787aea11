import Documents
import Testing

@testable import Manifests

@Suite("A guest that is a QEMU of its own")
struct QEMUGuestTests {
  private func text(_ qemu: String) -> String {
    host(nic: "") + "\n---\n" + guest(nic: "").replacing("host: hv01,", with: "host: hv01, qemu: \(qemu),")
  }

  @Test(
    "whose process it is, by name or number",
    arguments: ["libvirt-qemu", "_apt", "_", "64055", "0", "a.b_c-d", String(repeating: "u", count: 32)])
  func user(name: String) {
    let found = fleet(text("{qmp: /run/q.sock, user: '\(name)'}")).guests.first
    #expect(found?.spec.qemu == QEMUGuest(qmp: "/run/q.sock", user: name))
    #expect(found?.manager == .qemu(socket: "/run/q.sock"))
  }

  @Test("a number is written without quotes as well")
  func number() {
    #expect(fleet(text("{qmp: /q, user: 64055}")).guests.first?.spec.qemu?.user == "64055")
  }

  @Test("without one it is root's")
  func noUser() {
    #expect(fleet(text("{qmp: /q}")).guests.first?.spec.qemu?.user == nil)
  }

  @Test(
    "what can be no user's name is refused",
    arguments: [
      "''", "'a b'", "'a/b'", "'../x'", "-x", ".x", "'_a b'", "'_/etc/passwd'", "'_é'", "'é'", "'a:b'", "-1",
      "'_\\n'", "[root]", "true: x", "\(String(repeating: "u", count: 33))",
      "_\(String(repeating: "u", count: 32))",
    ])
  func badUser(user: String) {
    #expect(!problems(of: text("{qmp: /q, user: \(user)}")).isEmpty)
  }

  @Test(
    "a socket's path is absolute, and no longer than the kernel takes",
    arguments: [
      ("run/q", false), ("/", false), ("/q", true), ("/\(String(repeating: "q", count: 106))", true),
      ("/\(String(repeating: "q", count: 107))", false), ("/é", false),
    ])
  func path(path: String, isGood: Bool) {
    #expect(problems(of: text("{qmp: \(path)}")).isEmpty == isGood)
  }

  @Test("it is one or the other")
  func both() {
    #expect(!problems(of: text("{qmp: /q}, libvirt: {}")).isEmpty)
  }
}
