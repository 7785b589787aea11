import Files
import Foundation
import HostModel
import TestSupport
import Testing

@testable import Hosts

@Suite("How a host is set up for its boot")
struct BootSetupReaderTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "pcipass-\(UUID().uuidString)")

  private func write(_ path: String, _ text: String = "", mode: Int = 0o644) throws {
    let file = folder.appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
  }

  private func setup() throws -> BootSetup {
    try #require(BootSetupReader.read(try Tree(folder.path)).value)
  }

  @Test("is read from unit files, the links that enable them, and the hooks of libvirt")
  func read() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write("etc/hostname")
    let bare = try setup()
    #expect(!bare.hasSystemd && bare.hook == .missing && Set(bare.units.values) == [.missing])
    try write("run/systemd/system/any.service")
    try write("usr/lib/systemd/system/pcipass-boot.service")
    try write("etc/systemd/system/pcipass-boot-late.service")
    try write("etc/systemd/system/multi-user.target.wants/pcipass-boot.service")
    try write("etc/libvirt/hooks/qemu", "exec /etc/libvirt/hooks/qemu.d/pcipass \"$@\"", mode: 0o755)
    let some = try setup()
    #expect(some.hasSystemd && some.hook == .inScript)
    #expect(some.units["pcipass-boot.service"] == .enabled)
    #expect(some.units["pcipass-boot-late.service"] == .disabled)
    #expect(some.units["pcipass-boot-guests.service"] == .missing)
    try write("etc/libvirt/hooks/qemu.d/pcipass", mode: 0o644)
    #expect(try setup().hook == .notExecutable)
    try write("etc/libvirt/hooks/qemu.d/pcipass", mode: 0o755)
    #expect(try setup().hook == .inFolder)
  }

  @Test("is unknown if a file cannot be read, not missing")
  func unreadable() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write("etc/systemd", "not a folder")
    #expect(BootSetupReader.read(try Tree(folder.path)).reason != nil)
  }
}
