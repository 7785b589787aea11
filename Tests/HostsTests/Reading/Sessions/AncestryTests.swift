import Files
import TestSupport
import Testing

@testable import Hosts

@Suite("The ancestors of a process")
struct AncestryTests {
  private let files: SysfsTree

  init() throws { files = try SysfsTree() }

  private func process(_ number: Int, _ command: String, parent: Int, at place: String? = nil) throws {
    try files.write(
      "proc/\(place ?? String(number))/stat",
      "\(number) (\(command)) S \(parent) 186 187 0 -1 4194560 378 0 0 0 1 5 0 0 20 0 1 0 1075\n")
  }

  private func ancestry() throws -> Ancestry {
    Ancestry(of: "self", try Tree(files.root), Scratch(capacity: 64 << 10))
  }

  @Test("are followed up to process 1")
  func chain() throws {
    try process(812, "pcipass", parent: 811, at: "self")
    try process(811, "sudo", parent: 790)
    try process(790, "bash", parent: 1)
    try process(1, "systemd", parent: 0)
    let ancestry = try ancestry()
    #expect(ancestry.problem == nil)
    #expect(ancestry.processes.map(\.command) == ["pcipass", "sudo", "bash", "systemd"])
  }

  @Test(
    "may have names of any form",
    arguments: [") S 1 (", "a b", "((", "))", ") Z 0 0", "tmux: server", "", "sshd) S 1 1 1", "\u{1B}[31m"])
  func names(_ name: String) throws {
    try process(812, name, parent: 0, at: "self")
    #expect(try ancestry().processes == [Ancestry.Process(number: 812, command: name, parent: 0)])
  }

  @Test(
    "are unknown with a reason if the stat line is invalid",
    arguments: [
      "", "812", "812 (x", "812 x) S 1", "(x) S 1", "x (x) S 1", "812 (x) SS 1 ", "812 (x) S -1 ",
      "812 (x) S",
      "812 (x)", ")(", "812 )x( S 1 ", "-1 (x) S 1 ", "812 (x) S 99999999999999999999 ",
    ])
  func nonsense(_ text: String) throws {
    try files.write("proc/self/stat", text)
    let ancestry = try ancestry()
    #expect(ancestry.processes == [])
    #expect(ancestry.problem.names(files.root + "/proc/self/stat"))
  }

  @Test("end where their chain forms a loop")
  func round() throws {
    try process(5, "a", parent: 6, at: "self")
    try process(6, "b", parent: 5)
    try process(5, "a", parent: 6)
    let ancestry = try ancestry()
    #expect(ancestry.processes.map(\.number) == [5, 6])
    #expect(ancestry.problem.names("/proc/5/stat"))
  }

  @Test("are known up to the first one that cannot be read")
  func broken() throws {
    try process(812, "pcipass", parent: 811, at: "self")
    let ancestry = try ancestry()
    #expect(ancestry.processes.map(\.number) == [812])
    #expect(ancestry.problem == files.root + "/proc/811/stat: No such file or directory")
  }

  @Test(
    "are SSH daemons if they have one of these names",
    arguments: [
      ("sshd", true), ("sshd-session", true), ("sshd-auth", true), ("dropbear", true),
      ("dropbearmulti", true),
      ("ssh", false), ("ssh-agent", false), ("xsshd", false), ("bash", false), ("", false),
    ])
  func daemons(name: String, isOne: Bool) {
    #expect(Ancestry.Process(number: 1, command: name, parent: 0).isSSHDaemon == isOne)
  }
}
