import HostModel
import Testing

@testable import Hosts

@Suite("The identity of a process")
struct ProcessIdentityTests {
  private let files: SysfsTree
  private static let boot = "0d5b8a3e-6f0e-4d0a-9a51-1c1f0a2b3c4d"

  init() throws {
    files = try SysfsTree()
    try files.write("proc/sys/kernel/random/boot_id", Self.boot + "\n")
  }

  /// A line of `/proc/PID/stat` as the kernel writes it; the default start time is 1075.
  private func stat(_ name: String, start: String = "1075") -> String {
    "812 (\(name)) S 1 186 187 0 -1 4194560 378 0 0 0 1 5 0 0 20 0 1 0 \(start) 5000 1\n"
  }

  private func identity(_ stat: String?, of process: Int = 812) throws -> ProcessIdentity? {
    if let stat { try files.write("proc/812/stat", stat) }
    return ProcessIdentity(of: process, in: files.root)
  }

  @Test(
    "is its PID, start time and boot id, whatever its name looks like",
    arguments: [
      "qemu-system-x86", "a) S 1 2 (b", "", ") 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21",
    ])
  func found(name: String) throws {
    #expect(try identity(stat(name)) == ProcessIdentity(number: 812, start: 1075, boot: Self.boot))
  }

  @Test(
    "is unknown where /proc does not show all three",
    arguments: [
      nil, "", "812 (x", "812 (x) S 1 2 3", "812 (x) S 1 186 187 0 -1 4194560 378 0 0 0 1 5 0 0 20 0 1 0 -1 ",
    ])
  func unknown(stat: String?) throws { #expect(try identity(stat) == nil) }

  @Test("is unknown in another PID namespace, and without the boot id")
  func namespace() throws {
    #expect(try identity(stat("x"), of: 0) == nil)
    try files.write("proc/sys/kernel/random/boot_id", "x\n")
    #expect(try identity(stat("x")) == nil)
  }

  @Test("has one textual form, and is decoded from it")
  func text() {
    let identity = ProcessIdentity(number: 812, start: 0, boot: Self.boot)
    #expect(ProcessIdentity("\(identity)") == identity && "\(identity)" == "812/0/\(Self.boot)")
    for wrong in ["", "812/0", "0/0/\(Self.boot)", "+812/0/\(Self.boot)", "812/00/\(Self.boot)", "812/0/x"] {
      #expect(ProcessIdentity(wrong) == nil)
    }
  }
}
