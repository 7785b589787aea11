import Documents
import Testing

@testable import Manifests

@Suite("A guest that is a QEMU without libvirt")
struct QEMUGuestTests {
  private func text(_ qemu: String) -> String {
    host(nic: "") + "\n---\n" + guest(nic: "").replacing("host: hv01,", with: "host: hv01, qemu: \(qemu),")
  }

  @Test(
    "takes the user of its process by name or by number",
    arguments: ["libvirt-qemu", "_apt", "_", "64055", "0", "a.b_c-d", String(repeating: "u", count: 32)])
  func user(name: String) {
    let found = fleet(text("{qmp: /run/q.sock, user: '\(name)'}")).guests.first
    #expect(found?.spec.qemu == QEMUGuest(qmp: "/run/q.sock", user: name))
    #expect(found?.manager == .qemu(socket: "/run/q.sock"))
  }

  @Test("takes a user number without quotes as well")
  func number() {
    #expect(fleet(text("{qmp: /q, user: 64055}")).guests.first?.spec.qemu?.user == "64055")
  }

  @Test("has no user by default, which means root")
  func noUser() {
    #expect(fleet(text("{qmp: /q}")).guests.first?.spec.qemu?.user == nil)
  }

  @Test(
    "refuses a user that is not a valid user name",
    arguments: [
      "''", "'a b'", "'a/b'", "'../x'", "-x", ".x", "'_a b'", "'_/etc/passwd'", "'_é'", "'é'", "'a:b'", "-1",
      "'_\\n'", "[root]", "true: x", "\(String(repeating: "u", count: 33))",
      "_\(String(repeating: "u", count: 32))",
    ])
  func badUser(user: String) {
    #expect(!problems(of: text("{qmp: /q, user: \(user)}")).isEmpty)
  }

  @Test(
    "takes only an absolute socket path that is not longer than the kernel allows",
    arguments: [
      ("run/q", false), ("/", false), ("/q", true), ("/\(String(repeating: "q", count: 106))", true),
      ("/\(String(repeating: "q", count: 107))", false), ("/é", false),
    ])
  func path(path: String, isGood: Bool) {
    #expect(problems(of: text("{qmp: \(path)}")).isEmpty == isGood)
  }

  @Test("cannot be a libvirt domain as well")
  func both() {
    #expect(!problems(of: text("{qmp: /q}, libvirt: {}")).isEmpty)
  }
}
